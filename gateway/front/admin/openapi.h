/*
 * The description of the native API (OpenAPI 3.1), as it stands in deploy/openapi.json when the program is built.
 */
#ifndef KGW_FRONT_ADMIN_OPENAPI_H
#define KGW_FRONT_ADMIN_OPENAPI_H

extern const char openapi_source[];

#endif
