# Makes a Lua script a C string, NAME_source, with the SHA-1 by which Redis knows it, NAME_sha1_hex; HEADER declares both:
# cmake -D SOURCE=… -D OUT=… -D HEADER=… -D NAME=… -P embed.cmake
file(READ "${SOURCE}" text)
string(SHA1 sha1 "${text}")
string(REPLACE "\\" "\\\\" text "${text}")
string(REPLACE "\"" "\\\"" text "${text}")
string(REPLACE "\n" "\\n\"\n    \"" text "${text}")
file(WRITE "${OUT}" "#include \"${HEADER}\"\n\n"
  "const char ${NAME}_source[] =\n    \"${text}\";\nconst char ${NAME}_sha1_hex[] = \"${sha1}\";\n")
