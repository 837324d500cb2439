/*
 * Weak keys by what random ones almost never have: 32 characters out of 62 show some 25 different ones, both cases,
 * no runs, no repeats and few of the letter pairs that words are made of.
 */
#include "auth/key_strength.h"

#include "auth/key.h"

#define DIFFERENT_MIN 16
#define RUN_MAX       5  /* equal, ascending or descending characters on end */
#define REPEAT_BYTES  6  /* a part that comes twice */
#define PAIRS_MAX     11 /* letter pairs common in English, of 31 pairs */

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

static size_t count_different(struct span text)
{
    bool seen[256] = {false};
    size_t different = 0;

    for (size_t i = 0; i < text.len; i++) {
        different += !seen[(uint8_t)text.ptr[i]];
        seen[(uint8_t)text.ptr[i]] = true;
    }
    return different;
}

static bool has_both_cases(struct span text)
{
    bool has_upper = false, has_lower = false;

    for (size_t i = 0; i < text.len; i++) {
        has_upper |= text.ptr[i] >= 'A' && text.ptr[i] <= 'Z';
        has_lower |= text.ptr[i] >= 'a' && text.ptr[i] <= 'z';
    }
    return has_upper && has_lower;
}

/* "aaaaaa", "abcdef", "987654": the same step from each character to the next, whatever the case. */
static bool has_run(struct span text)
{
    for (int step = -1; step <= 1; step++) {
        size_t run = 1;
        for (size_t i = 1; i < text.len; i++) {
            run = lower(text.ptr[i]) - lower(text.ptr[i - 1]) == step ? run + 1 : 1;
            if (run > RUN_MAX)
                return true;
        }
    }
    return false;
}

static bool has_repeat(struct span text)
{
    for (size_t i = 0; i + REPEAT_BYTES <= text.len; i++)
        for (size_t j = i + 1; j + REPEAT_BYTES <= text.len; j++)
            if (span_equal(span_of(text.ptr + i, REPEAT_BYTES), span_of(text.ptr + j, REPEAT_BYTES)))
                return true;
    return false;
}

/* The letter that a digit is often written for. */
static char plain(char c)
{
    static const char letters[10] = {'o', 'l', 'z', 'e', 'a', 's', 'g', 't', 'b', 'g'};
    return c >= '0' && c <= '9' ? letters[c - '0'] : lower(c);
}

static bool contains(struct span text, const char *word, char (*fold)(char c))
{
    size_t len = strlen(word);

    for (size_t i = 0; i + len <= text.len; i++) {
        size_t same = 0;
        while (same < len && fold(text.ptr[i + same]) == word[same])
            same++;
        if (same == len)
            return true;
    }
    return false;
}

/* A short word comes by chance if digits count as letters: one key in a hundred thousand. */
static bool has_word(struct span text)
{
    static const char *const words[] = {"password", "passwd",  "passphrase", "secret", "change", "letmein", "welcome",
                                        "qwerty",   "asdfgh",  "zxcvbn",     "qazwsx", "1q2w3e", "kinesis", "gateway",
                                        "example",  "default", "testing",    "apikey", "dragon", "deadbeef"};

    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        if (contains(text, words[i], lower) || (strlen(words[i]) >= 8 && contains(text, words[i], plain)))
            return true;
    return false;
}

static size_t count_pairs(struct span text)
{
    static const char pairs[] =
        "th he in er an re on at en nd ti es or te of ed is it al ar st to nt ng se ha as ou io le "
        "ve co me de hi ri ro ic ne ea ra ce li ch ll be ma si om ur";
    size_t found = 0;

    for (size_t i = 0; i + 1 < text.len; i++)
        for (size_t j = 0; j + 1 < sizeof(pairs) - 1; j += 3)
            found += lower(text.ptr[i]) == pairs[j] && lower(text.ptr[i + 1]) == pairs[j + 1];
    return found;
}

static const char *secret_weakness(struct span secret)
{
    if (count_different(secret) < DIFFERENT_MIN)
        return "its secret has too few different characters";
    if (!has_both_cases(secret))
        return "its secret has letters of one case only, so it was not drawn from all letters and digits";
    if (has_run(secret))
        return "its secret has a run of characters, as aaaaaa or 123456";
    if (has_repeat(secret))
        return "its secret repeats itself";
    if (has_word(secret) || count_pairs(secret) > PAIRS_MAX)
        return "its secret is made of words";
    return NULL;
}

const char *key_weakness(struct span key)
{
    struct span id;

    if (key_parse(key, &id))
        return secret_weakness(span_of(id.ptr + id.len + 1, KEY_SECRET_BYTES));
    if (key_is_shaped(key))
        return "its checksum, the last 6 characters, is not that of the rest: it was mistyped or cut off";
    return "it has not the shape kgw_ID_SECRET of a key of this gateway, ID being 16 to 32 letters and digits and "
           "SECRET 38";
}
