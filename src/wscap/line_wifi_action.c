/* Action frames of 802.11 (IEEE 802.11-2016, section 9.6): a category, and in it a number, as tcpdump names them. */
#include "wscap/line_wifi.h"

enum {
	ACTIONS_MAX = 11, /* of a category, that have names */
};

static const struct category {
	const char *name; /* "Vendor ": what stands before the action's */
	const char *actions[ACTIONS_MAX];
} categories[] = {
    [0] = {"Spectrum Management ", {NULL}},
    [1] = {"QoS ", {NULL}},
    [2] = {"DLS ", {NULL}},
    [3] = {"BA ", {"ADDBA Request", "ADDBA Response", "DELBA"}},
    [7] = {"HT ", {"TxChWidth", "MIMOPwrSave"}},
    [13] = {"MeshAction ",
	    {"MeshLink", "HWMP", "Gate Announcement", "Congestion Control", "MCCA Setup Request", "MCCA Setup Reply",
	     "MCCA Advertisement Request", "MCCA Advertisement", "MCCA Teardown", "TBTT Adjustment Request",
	     "TBTT Adjustment Response"}},
    [14] = {"MultiohopAction ", {"Proxy Update", "Proxy Update Confirmation"}}, /* as tcpdump spells it */
    [15] = {"SelfprotectAction ",
	    {NULL, "Peering Open", "Peering Confirm", "Peering Close", "Group Key Inform", "Group Key Acknowledge"}},
    [127] = {"Vendor ", {NULL}},
};

bool line_wifi_action(struct walk *walk, const struct line_wifi *frame, struct ws_cursor in, uint32_t length)
{
	const struct category *category = NULL;
	const char *name = NULL;
	uint8_t number, action;

	(void)length;
	if (!ws_take_u8(&in, &number) || !ws_take_u8(&in, &action))
		return false;
	line_wifi_sender(walk, frame);
	if (number < sizeof(categories) / sizeof(*categories) && categories[number].name)
		category = &categories[number];
	if (category)
		out_str(walk->out, category->name);
	else
		out_printf(walk->out, "Reserved(%u) ", number);
	if (category && action < ACTIONS_MAX)
		name = category->actions[action];
	if (name)
		out_str(walk->out, name);
	else
		out_printf(walk->out, "Act#%u", action);
	return true;
}
