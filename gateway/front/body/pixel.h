/*
 * The event of a pixel: the parameters of its query as one JSON object of strings, in their order. Pure.
 */
#ifndef KGW_FRONT_BODY_PIXEL_H
#define KGW_FRONT_BODY_PIXEL_H

#include "gateway/base/failure.h"

#define PIXEL_PARAMETERS_MAX 256

/*
 * `a=1&b=x+y&a=2` becomes {"a":["1","2"],"b":"x y"}: names and values are percent-decoded, '+' is a space, a name that
 * comes more than once has a list of its values. The gateway's own parameters, `key` among them, are left out.
 * FAILURE_MALFORMED: a broken escape, text that is not UTF-8, or more than PIXEL_PARAMETERS_MAX parameters. *event lies
 * in *scratch, where as much room again as the query has is left, so that it does not move when its texts are decoded.
 */
struct failure pixel_event(struct span query, struct buf *scratch, struct span *event) MUST_LOOK;

#endif
