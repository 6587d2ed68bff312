/* The isochronous descriptors behind a USB header are left as they are: nothing here reads them. */
#include "wscap/capture_swap.h"

#include <pcap/dlt.h>
#include <stdbool.h>

#include "ws/span.h"

enum {
	PROTOCOL_CAN = 0x000c, /* LINUX_SLL_P_CAN, and CANFD behind it */
	PROTOCOL_CANFD = 0x000d,
	NFLOG_HEAD = 4,
	NFLOG_ATTRIBUTE = 4,
	USB_TRANSFER_TYPE = 9, /* the place of the byte that says it */
	USB_ISOCHRONOUS = 0,
};

/* A field of a header, and when it is one. */
static const struct field {
	int link_type;
	uint8_t at, width;
	enum { ALWAYS, IF_ISOCHRONOUS, IF_CAN, IF_IN_LENGTH } when;
} fields[] = {
    {DLT_USB_LINUX, 0, 8, ALWAYS},          /* id */
    {DLT_USB_LINUX, 12, 2, ALWAYS},         /* bus */
    {DLT_USB_LINUX, 16, 8, ALWAYS},         /* seconds */
    {DLT_USB_LINUX, 24, 4, ALWAYS},         /* microseconds */
    {DLT_USB_LINUX, 28, 4, ALWAYS},         /* status */
    {DLT_USB_LINUX, 32, 4, ALWAYS},         /* length */
    {DLT_USB_LINUX, 36, 4, ALWAYS},         /* captured length */
    {DLT_USB_LINUX, 40, 4, IF_ISOCHRONOUS}, /* errors */
    {DLT_USB_LINUX, 44, 4, IF_ISOCHRONOUS}, /* descriptors */
    {DLT_USB_LINUX_MMAPPED, 48, 4, ALWAYS}, /* interval */
    {DLT_USB_LINUX_MMAPPED, 52, 4, ALWAYS}, /* start frame */
    {DLT_USB_LINUX_MMAPPED, 56, 4, ALWAYS}, /* flags */
    {DLT_USB_LINUX_MMAPPED, 60, 4, ALWAYS}, /* descriptors that are there */
    {DLT_LINUX_SLL, 16, 4, IF_CAN},         /* CAN identifier */
    {DLT_LINUX_SLL2, 20, 4, IF_CAN},        /* the same */
    {DLT_PFLOG, 44, 4, IF_IN_LENGTH},       /* user */
    {DLT_PFLOG, 48, 4, IF_IN_LENGTH},       /* process */
    {DLT_PFLOG, 52, 4, IF_IN_LENGTH},       /* user of the rule */
    {DLT_PFLOG, 56, 4, IF_IN_LENGTH},       /* process of the rule */
};

/* Turns width bytes; false where they are cut off. */
static bool turn(uint8_t *bytes, size_t len, size_t at, size_t width)
{
	if (at > len || width > len - at)
		return false;
	for (size_t i = 0; i < width / 2; i++) {
		uint8_t byte = bytes[at + i];

		bytes[at + i] = bytes[at + width - 1 - i];
		bytes[at + width - 1 - i] = byte;
	}
	return true;
}

static bool take_u16_at(const uint8_t *bytes, size_t len, size_t at, uint16_t *ret)
{
	struct ws_cursor in = ws_cursor_of(ws_span_from(ws_span_of(bytes, len), at));

	return ws_take_u16(&in, ret);
}

static bool is_there(const struct field *field, const uint8_t *bytes, size_t len)
{
	struct ws_cursor in = ws_cursor_of(ws_span_of(bytes, len));
	uint16_t protocol;
	uint8_t byte;

	switch (field->when) {
	case ALWAYS:
		break;
	case IF_ISOCHRONOUS:
		in = ws_cursor_of(ws_span_from(ws_span_of(bytes, len), USB_TRANSFER_TYPE));
		return ws_take_u8(&in, &byte) && byte == USB_ISOCHRONOUS;
	case IF_CAN:
		return take_u16_at(bytes, len, field->link_type == DLT_LINUX_SLL ? 14 : 0, &protocol) &&
		       (protocol == PROTOCOL_CAN || protocol == PROTOCOL_CANFD);
	case IF_IN_LENGTH:
		return ws_take_u8(&in, &byte) && byte >= field->at + field->width;
	}
	return true;
}

/* The attributes' lengths and types. */
static void swap_nflog(uint8_t *bytes, size_t len)
{
	size_t at = NFLOG_HEAD;
	uint16_t size;

	/* the second byte is the version: 0 is the only one */
	if (len < NFLOG_HEAD || bytes[1] != 0)
		return;
	while (at <= len && len - at >= NFLOG_ATTRIBUTE && turn(bytes, len, at, 2) && turn(bytes, len, at + 2, 2)) {
		const uint8_t *place = bytes + at;

		memcpy(&size, place, sizeof(size));
		size = (uint16_t)((size + 3) & ~3);
		if (size < NFLOG_ATTRIBUTE)
			return;
		at += size;
	}
}

void capture_swap(int link_type, uint8_t *bytes, size_t len)
{
	for (size_t i = 0; i < sizeof(fields) / sizeof(*fields); i++) {
		const struct field *field = &fields[i];
		bool usb = field->link_type == DLT_USB_LINUX && link_type == DLT_USB_LINUX_MMAPPED;

		if ((usb || field->link_type == link_type) && is_there(field, bytes, len) &&
		    !turn(bytes, len, field->at, field->width))
			return;
	}
	if (link_type == DLT_NFLOG)
		swap_nflog(bytes, len);
}
