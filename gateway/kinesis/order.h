/*
 * Order by key: of one partition key at most one record is under way in this lane, and the next one carries its
 * predecessor's sequence number as SequenceNumberForOrdering (API_PutRecord). The last number of idle keys is
 * remembered, up to a bound; the one idle for longest is forgotten first.
 */
#ifndef KGW_KINESIS_ORDER_H
#define KGW_KINESIS_ORDER_H

#include "gateway/base/list.h"
#include "gateway/kinesis/record.h"

struct order;
struct order_key;

/* Embedded in what is put in order. */
struct order_place {
    struct order_key *key; /* NULL: in no order */
    struct list link;      /* while it waits for its turn, or was taken */
    bool is_taken;         /* from those who wait */
};

/* `seed` is drawn at random, so that no caller can choose keys that collide. NULL: out of memory. */
struct order *order_new(size_t keys_max, uint64_t seed);
void order_free(struct order **o); /* NULL-safe; nothing has a place any more */

enum order_turn { ORDER_NOW, ORDER_LATER, ORDER_NO_MEMORY };
/* ORDER_NOW: it is the key's one record under way. ORDER_LATER: it waits behind others. `key` is copied. */
enum order_turn order_enter(struct order *o, struct span key, struct order_place *p);
/* What the key's last record was given; empty: not known. Alive until the place is left. */
struct span order_last(const struct order_place *p);
void order_forget_last(struct order_place *p);
/*
 * The place is given up, whatever it was. `sequence_number` is what the record was given, or empty. Returns the place
 * whose turn it is now, or NULL.
 */
struct order_place *order_leave(struct order *o, struct order_place *p, struct span sequence_number);
bool order_is_under_way(const struct order_place *p); /* and not waiting */
/* Moves those that wait behind p, first ones first, to *waiting (linked by order_place.link); they still hold places.
 */
void order_take_waiting(struct order_place *p, struct list *waiting);

#endif
