# Makes bucket.lua a C string, with the SHA-1 by which Redis knows it: cmake -D SOURCE=… -D OUT=… -P embed.cmake
file(READ "${SOURCE}" text)
string(SHA1 sha1 "${text}")
string(REPLACE "\\" "\\\\" text "${text}")
string(REPLACE "\"" "\\\"" text "${text}")
string(REPLACE "\n" "\\n\"\n    \"" text "${text}")
file(WRITE "${OUT}" "#include \"gateway/quota/script.h\"\n\n"
  "const char script_source[] =\n    \"${text}\";\nconst char script_sha1_hex[] = \"${sha1}\";\n")
