# shellcheck shell=bash disable=SC2154
# Shell functions that deploy/quickstart and tests/run share: installing what is missing (packages, Node.js, npm
# packages), making a certificate, building. Sourced by bash; needs `root`, the checkout. Everything but Debian packages
# stays in $root/build, and nothing is fetched when it is already there, so that a second run works offline.

say() { printf '%s\n' "$*" >&2; }
die() { say "error: $*"; exit 1; }

# packages_of SECTION...: the lines of deploy/packages in these sections.
packages_of() {
    awk -v wanted=" $* " '
        /^[ \t]*(#|$)/ { next }
        /^\[/          { section = substr($1, 2, length($1) - 2); next }
        index(wanted, " " section " ") { print $1, $2 }' "$root/deploy/packages"
}

package_is_installed() { [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]; }

as_root() {
    if [ "$(id -u)" = 0 ]; then
        "$@"
    elif command -v sudo >/dev/null; then
        sudo "$@"
    else
        die "installing packages needs root or sudo; missing: ${missing[*]}"
    fi
}

# install_packages SECTION...: installs what of these is missing, and looks at no package list otherwise.
install_packages() {
    local missing=() package program
    while read -r package program; do
        if [ -n "$program" ] && command -v "$program" >/dev/null; then continue; fi
        package_is_installed "$package" || missing+=("$package")
    done < <(packages_of "$@")
    if [ ${#missing[@]} = 0 ]; then return 0; fi
    say "installing ${missing[*]}"
    as_root apt-get -qq update </dev/null >&2 || die "apt-get update failed"
    as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq -y --no-install-recommends -o Dpkg::Use-Pty=0 \
        install "${missing[@]}" </dev/null >&2 || die "apt-get install failed"
}

# npm_install FROM FOLDER [npm ci's options]: puts the packages locked in the folder FROM into build/FOLDER. A stamp of
# the lock file says that this was done; a set made without options serves those who would leave some out.
npm_install() {
    local from=$root/$1 into=$root/build/$2 stamp
    shift 2
    stamp=$(cat "$from/package.json" "$from/package-lock.json" | sha256sum | cut -d' ' -f1)
    if [ -f "$into/stamp" ]; then
        case $(cat "$into/stamp") in "$stamp all" | "$stamp $*") return 0 ;; esac
    fi
    say "installing npm packages into ${into#"$root/"}"
    rm -rf "$into"
    mkdir -p "$into"
    cp "$from/package.json" "$from/package-lock.json" "$into/"
    (cd "$into" && npm ci --ignore-scripts --no-audit --no-fund --no-update-notifier --loglevel=error \
        --cache "$root/build/npm-cache" --logs-max=0 "$@" </dev/null >&2) || die "npm could not install $from"
    printf '%s\n' "$stamp ${*:-all}" >"$into/stamp"
}

# use_node MAJOR: makes `node` at least that old, from the npm registry where the machine's own is older.
use_node() {
    local major=0
    if command -v node >/dev/null; then major=$(node -p 'process.versions.node.split(".")[0]'); fi
    if [ "$major" -ge "$1" ]; then return 0; fi
    npm_install deploy/npm/node node
    PATH=$(echo "$root"/build/node/node_modules/node-linux-*/bin):$PATH
    # Debian's own Node.js trusts the certificates of the system; so shall this one.
    export NODE_EXTRA_CA_CERTS=${NODE_EXTRA_CA_CERTS:-/etc/ssl/certs/ca-certificates.crt}
    [ "$(node -p 'process.versions.node.split(".")[0]' 2>/dev/null)" -ge "$1" ] || die "needs Node.js $1 or newer"
}

# make_certificate FOLDER: a CA (ca.crt) and a server certificate for localhost (server.crt, server.key), once, and the
# latter again as the JSON that kinesis-local reads (server.json). Renewed when less than a week is left.
make_certificate() {
    local folder=$1
    if [ -s "$folder/server.json" ] &&
        openssl x509 -checkend 604800 -noout -in "$folder/server.crt" >/dev/null 2>&1; then
        return 0
    fi
    mkdir -p "$folder"
    (
        umask 077
        cd "$folder" || exit 1
        key='-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -batch'
        # shellcheck disable=SC2086
        openssl req -x509 $key -keyout ca.key -out ca.crt -days 365 -subj "/CN=kinesis-gateway local CA" \
            -addext "basicConstraints=critical,CA:TRUE" -addext "keyUsage=critical,keyCertSign,cRLSign" &&
            openssl req $key -keyout server.key -out server.csr -subj "/CN=localhost" &&
            printf '%s\n' "subjectAltName=DNS:localhost,IP:127.0.0.1" "extendedKeyUsage=serverAuth" >extensions &&
            openssl x509 -req -in server.csr -CA ca.crt -CAkey ca.key -CAcreateserial -days 365 -extfile extensions \
                -out server.crt &&
            node -e '
                const fs = require("fs"), text = (name) => fs.readFileSync(name, "utf8");
                const server = {key: text("server.key"), cert: text("server.crt")};
                fs.writeFileSync("server.json", JSON.stringify({server}));'
    ) >"$folder.log" 2>&1 || { cat "$folder.log" >&2; die "no certificate could be made in $folder"; }
    rm -f "$folder.log"
}

# free_port: a TCP port of this machine that nobody listens on now.
free_port() {
    node -e 'const s = require("net").createServer().listen(0, () => { console.log(s.address().port); s.close(); })'
}

# build_gateway FOLDER [CMake options]: configures and builds build/FOLDER.
build_gateway() {
    local folder=$root/build/$1 log=$root/build/$1.log
    shift
    mkdir -p "$folder"
    { cmake -S "$root" -B "$folder" -G Ninja "$@" && cmake --build "$folder" -j "${BUILD_JOBS:-$(nproc)}"; } \
        >"$log" 2>&1 </dev/null || { tail -n 60 "$log" >&2; die "the build in ${folder#"$root/"} failed: $log"; }
}
