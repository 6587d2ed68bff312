/* Radiotap's fields (radiotap.org), as tcpdump shows them. */
#include "wscap/line_radio.h"

enum {
	FIELD_ANTENNA = 11,
	FIELD_CHANNEL_EXTENDED = 18,
	FIELD_RATE_INDEX = 19,
};

/* A field of so many bytes, at a multiple of align. False: it is behind the header. */
static bool take(struct radiotap *tap, size_t align, size_t len, struct ws_cursor *ret)
{
	size_t at = (tap->at + align - 1) / align * align;

	if (at + len > tap->header.len)
		return false;
	*ret = ws_cursor_of(ws_span_first(ws_span_from(tap->header, at), len));
	tap->at = at + len;
	return true;
}

bool radiotap_number(struct radiotap *tap, size_t len, uint64_t *ret)
{
	struct ws_cursor in;
	uint8_t byte;

	if (!take(tap, len, len, &in))
		return false;
	*ret = 0;
	for (size_t i = 0; i < len && ws_take_u8(&in, &byte); i++)
		*ret |= (uint64_t)byte << 8 * i;
	return true;
}

static void print_channel(struct radiotap *tap, uint64_t frequency, uint64_t flags)
{
	enum {
		TURBO = 0x10,
		CCK = 0x20,
		OFDM = 0x40,
		GHZ_2 = 0x80,
		GHZ_5 = 0x100,
		DYNAMIC = 0x400,
		GFSK = 0x800,
		HALF = 0x4000,
		QUARTER = 0x8000,
		HT_20 = 0x10000,
		HT_40_UP = 0x20000,
		HT_40_DOWN = 0x40000,
	};
	const char *width = flags & HALF ? "/10Mhz" : flags & QUARTER ? "/5Mhz" : "";
	struct out *out = tap->walk->out;
	bool g = (flags & GHZ_2) && (flags & (OFDM | DYNAMIC));

	out_printf(out, "%u MHz", (unsigned)frequency);
	if (tap->present & 1U << FIELD_RATE_INDEX) {
		out_lit(out, " 11n");
	} else {
		if ((flags & GHZ_2) && (flags & GFSK))
			out_lit(out, " FHSS");
		if ((flags & GHZ_5) && (flags & OFDM))
			out_printf(out, " 11a%s", width);
		if (g)
			out_printf(out, " 11g%s", width);
		else if ((flags & GHZ_2) && (flags & CCK))
			out_lit(out, " 11b");
		if (flags & TURBO)
			out_lit(out, " Turbo");
	}
	if (flags & HT_20)
		out_lit(out, " ht/20");
	else if (flags & HT_40_DOWN)
		out_lit(out, " ht/40-");
	else if (flags & HT_40_UP)
		out_lit(out, " ht/40+");
	out_char(out, ' ');
}

/* Each of these takes one field. False: it is behind the header. */

static bool on_flags(struct radiotap *tap)
{
	static const struct {
		uint8_t bit;
		const char *name;
	} names[] = {
	    {0x01, "cfp "}, {0x02, "short preamble "}, {0x04, "wep "}, {0x08, "fragmented "}, {0x40, "bad-fcs "}};
	uint64_t flags;

	if (!radiotap_number(tap, 1, &flags))
		return false;
	tap->flags = (uint8_t)flags;
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (flags & names[i].bit)
			out_str(tap->walk->out, names[i].name);
	return true;
}

static bool on_rate(struct radiotap *tap)
{
	enum {
		INDEX = 0x80, /* some drivers: it is no rate, but an index of 802.11n's */
		INDEX_MAX = 0x8f,
	};
	uint64_t rate;

	if (!radiotap_number(tap, 1, &rate))
		return false;
	if (rate >= INDEX && rate <= INDEX_MAX)
		out_printf(tap->walk->out, "MCS %u ", (unsigned)rate & 0x7f);
	else
		out_printf(tap->walk->out, "%u.%u Mb/s ", (unsigned)rate / 2, rate & 1 ? 5 : 0);
	return true;
}

static bool on_channel(struct radiotap *tap)
{
	uint64_t frequency, flags;

	if (!radiotap_number(tap, 2, &frequency) || !radiotap_number(tap, 2, &flags))
		return false;
	if (!(tap->present & 1U << FIELD_CHANNEL_EXTENDED))
		print_channel(tap, frequency, flags);
	return true;
}

static bool on_channel_extended(struct radiotap *tap)
{
	uint64_t frequency, flags, number, power;

	if (!radiotap_number(tap, 4, &flags) || !radiotap_number(tap, 2, &frequency) ||
	    !radiotap_number(tap, 1, &number) || !radiotap_number(tap, 1, &power))
		return false;
	print_channel(tap, frequency, flags);
	return true;
}

static bool on_hopping(struct radiotap *tap)
{
	uint64_t set, pattern;

	if (!radiotap_number(tap, 1, &set) || !radiotap_number(tap, 1, &pattern))
		return false;
	out_printf(tap->walk->out, "fhset %u fhpat %u ", (unsigned)set, (unsigned)pattern);
	return true;
}

/* IEEE 802.11n's rates, at 20 MHz and with a long guard interval, in units of 6.5 Mb/s: streams times bits of each
 * subcarrier times what of them is not redundancy, doubled. */
static const uint8_t rate_units[] = {
    1,  2,  3,  4,  6,  8,  9,  10,                                                                    /* one stream */
    2,  4,  6,  8,  12, 16, 18, 20, 3,  6,  9,  12, 18, 24, 27, 30, 4,  8,  12, 16, 24, 32, 36, 40, 0, /* 32: both
													  halves of 40
													  MHz say the
													  same */
    6,  8,  10, 9,  12, 15, /* streams that are modulated differently */
    8,  10, 10, 12, 14, 14, 16, 12, 15, 15, 18, 21, 21, 24, 10, 12, 14, 12, 14, 16, 18, 16, 18, 20, 20, 22,
    15, 18, 21, 18, 21, 24, 27, 24, 27, 30, 30, 33,
};
enum {
	RATE_DOUBLED = 32,
	RATE_COUNT = sizeof(rate_units) / sizeof(*rate_units),
};

/* In tenths of Mb/s; 0: there is none. */
static unsigned rate_of(uint64_t index, bool wide, bool short_guard)
{
	unsigned units = index < RATE_COUNT ? rate_units[index] : 0;
	unsigned tenths = units * (wide ? 135 : 65);

	if (index == RATE_DOUBLED && wide)
		tenths = 60;
	return short_guard ? (tenths * 10 + 4) / 9 : tenths;
}

static bool on_rate_index(struct radiotap *tap)
{
	enum {
		KNOWS_WIDTH = 0x01,
		KNOWS_INDEX = 0x02,
		KNOWS_GUARD = 0x04,
		KNOWS_FORMAT = 0x08,
		KNOWS_CODING = 0x10,
		KNOWS_STBC = 0x20,
		WIDTH = 0x03,
		SHORT_GUARD = 0x04,
		GREENFIELD = 0x08,
		LDPC = 0x10,
	};
	static const char *const widths[] = {"20 MHz ", "40 MHz ", "20 MHz (L) ", "20 MHz (U) "};
	struct out *out = tap->walk->out;
	uint64_t known, flags, index;
	unsigned rate;

	if (!radiotap_number(tap, 1, &known) || !radiotap_number(tap, 1, &flags) || !radiotap_number(tap, 1, &index))
		return false;
	rate = known & (KNOWS_WIDTH | KNOWS_GUARD) ? rate_of(index, (flags & WIDTH) == 1, flags & SHORT_GUARD) : 0;
	if (known & KNOWS_INDEX && rate)
		out_printf(out, "%u.%u Mb/s ", rate / 10, rate % 10);
	if (known & KNOWS_INDEX)
		out_printf(out, "MCS %u ", (unsigned)index);
	if (known & KNOWS_WIDTH)
		out_str(out, widths[flags & WIDTH]);
	if (known & KNOWS_GUARD)
		out_str(out, flags & SHORT_GUARD ? "short GI " : "long GI ");
	if (known & KNOWS_FORMAT)
		out_str(out, flags & GREENFIELD ? "greenfield " : "mixed ");
	if (known & KNOWS_CODING)
		out_str(out, flags & LDPC ? "LDPC FEC " : "BCC FEC ");
	if (known & KNOWS_STBC)
		out_printf(out, "RX-STBC%u ", (unsigned)flags >> 5 & 3);
	return true;
}

static bool on_aggregate(struct radiotap *tap)
{
	uint64_t reference, flags, check, reserved;

	return radiotap_number(tap, 4, &reference) && radiotap_number(tap, 2, &flags) &&
	       radiotap_number(tap, 1, &check) && radiotap_number(tap, 1, &reserved);
}

/* Part of 80 and 160 MHz: lower and upper halves of halves; one of them is tcpdump's own. */
static const char *const vht_widths[32] = {
    "20 MHz",        "40 MHz",        "20 MHz (L)",    "20 MHz (U)",    "80 MHz",        "80 MHz (L)",
    "80 MHz (U)",    "80 MHz (LL)",   "80 MHz (LU)",   "80 MHz (UL)",   "80 MHz (UU)",   "160 MHz",
    "160 MHz (L)",   "160 MHz (U)",   "160 MHz (LL)",  "160 MHz (LU)",  "160 MHz (UL)",  "160 MHz (UU)",
    "160 MHz (LLL)", "160 MHz (LLU)", "160 MHz (LUL)", "160 MHz (UUU)", "160 MHz (ULL)", "160 MHz (ULU)",
    "160 MHz (UUL)", "160 MHz (UUU)", "unknown (26)",  "unknown (27)",  "unknown (28)",  "unknown (29)",
    "unknown (30)",  "unknown (31)",
};

static bool on_very_high_throughput(struct radiotap *tap)
{
	enum {
		USERS = 4,
		KNOWS_GUARD = 0x04,
		KNOWS_WIDTH = 0x40,
		SHORT_GUARD = 0x04,
	};
	struct out *out = tap->walk->out;
	uint64_t known, flags, width, users[USERS], coding, group, aid;

	if (!radiotap_number(tap, 2, &known) || !radiotap_number(tap, 1, &flags) || !radiotap_number(tap, 1, &width))
		return false;
	for (size_t i = 0; i < USERS; i++)
		if (!radiotap_number(tap, 1, &users[i]))
			return false;
	if (!radiotap_number(tap, 1, &coding) || !radiotap_number(tap, 1, &group) || !radiotap_number(tap, 2, &aid))
		return false;
	for (unsigned i = 0; i < USERS; i++)
		if (users[i] & 0x0f) /* streams */
			out_printf(out, "User %u MCS %u %s FEC ", i, (unsigned)users[i] >> 4 & 0x0f,
				   coding & 1U << i ? "LDPC" : "BCC");
	if (known & KNOWS_WIDTH)
		out_printf(out, "%s ", vht_widths[width & 0x1f]);
	if (known & KNOWS_GUARD)
		out_str(out, flags & SHORT_GUARD ? "short GI " : "long GI ");
	return true;
}

/* Those that are one number, and what stands before and behind it; len 0: they have a function. */
static const struct field {
	uint8_t len;
	bool has_sign, negated;
	const char *behind; /* NULL: it is not shown */
	bool (*print)(struct radiotap *tap);
} fields[] = {
    [0] = {.len = 8, .behind = "us tsft "},
    [1] = {.print = on_flags},
    [2] = {.print = on_rate},
    [3] = {.print = on_channel},
    [4] = {.print = on_hopping},
    [5] = {.len = 1, .has_sign = true, .behind = "dBm signal "},
    [6] = {.len = 1, .has_sign = true, .behind = "dBm noise "},
    [7] = {.len = 2, .behind = " sq "},
    [8] = {.len = 2, .has_sign = true, .negated = true, .behind = " tx power "},
    [9] = {.len = 1, .has_sign = true, .negated = true, .behind = "dB tx attenuation "},
    [10] = {.len = 1, .has_sign = true, .behind = "dBm tx power "},
    [FIELD_ANTENNA] = {.len = 1},
    [12] = {.len = 1, .behind = "dB signal "},
    [13] = {.len = 1, .behind = "dB noise "},
    [14] = {.len = 2},
    [FIELD_CHANNEL_EXTENDED] = {.print = on_channel_extended},
    [FIELD_RATE_INDEX] = {.print = on_rate_index},
    [20] = {.print = on_aggregate},
    [21] = {.print = on_very_high_throughput},
};
enum {
	FIELD_COUNT = sizeof(fields) / sizeof(*fields),
};

bool radiotap_field(struct radiotap *tap, unsigned number)
{
	const struct field *field = number < FIELD_COUNT ? &fields[number] : NULL;
	struct out *out = tap->walk->out;
	uint64_t value = 0;
	int64_t shown;

	if (!field || (!field->len && !field->print)) {
		out_printf(out, "[bit %u] ", number);
		return false;
	}
	if (field->print ? !field->print(tap) : !radiotap_number(tap, field->len, &value)) {
		line_truncated(tap->walk);
		return false;
	}
	if (field->print)
		return true;
	shown = field->len == 1 && field->has_sign ? (int8_t)value : field->has_sign ? (int16_t)value : (int64_t)value;
	if (number == FIELD_ANTENNA)
		out_printf(out, "antenna %u ", (unsigned)value);
	else if (field->behind && !field->has_sign)
		out_u64(out, value);
	else if (field->behind)
		out_i64(out, field->negated ? -shown : shown);
	if (field->behind)
		out_str(out, field->behind);
	return true;
}
