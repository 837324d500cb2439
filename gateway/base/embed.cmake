# Makes a text file a C string, NAME_source, which HEADER declares; of a Lua script (*.lua) also the SHA-1 by which Redis
# knows it, NAME_sha1_hex: cmake -D SOURCE=… -D OUT=… -D HEADER=… -D NAME=… -P embed.cmake
file(READ "${SOURCE}" text)
string(SHA1 sha1 "${text}")
string(REPLACE "\\" "\\\\" text "${text}")
string(REPLACE "\"" "\\\"" text "${text}")
string(REPLACE "\n" "\\n\"\n    \"" text "${text}")
set(code "#include \"${HEADER}\"\n\nconst char ${NAME}_source[] =\n    \"${text}\";\n")
if(SOURCE MATCHES "\\.lua$")
  string(APPEND code "const char ${NAME}_sha1_hex[] = \"${sha1}\";\n")
endif()
file(WRITE "${OUT}" "${code}")
