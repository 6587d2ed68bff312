/* Names of types and protocols, as tcpdump prints them. */
#include "wscap/line_internal.h"

/* Ascending by type. */
static const struct ether_type {
	uint16_t type;
	bool unread; /* tcpdump has a decoder of its own for it, we have none */
	const char *name;
} ether_types[] = {
    {0x00fe, false, "GRE-OSI"},
    {0x0200, false, "PUP"},
    {0x0500, false, "Sprite"},
    {0x0600, false, "NS"},
    {0x0707, true, "GeoNet (old)"},
    {ETHER_IPV4, false, "IPv4"},
    {0x0806, false, "ARP"},
    {0x1000, false, "Trail"},
    {0x1111, true, "CALM FAST"},
    {0x6001, false, "MOP DL"},
    {0x6002, false, "MOP RC"},
    {0x6003, true, "DN"},
    {0x6004, false, "LAT"},
    {0x6007, false, "SCA"},
    {0x6558, false, "TEB"},
    {0x8035, false, "Reverse ARP"},
    {0x8038, false, "Lanbridge"},
    {0x803c, false, "DEC DNS"},
    {0x803e, false, "DEC DTS"},
    {0x805b, false, "VEXP"},
    {0x805c, false, "VPROD"},
    {0x809b, true, "Appletalk"},
    {0x80f3, true, "Appletalk ARP"},
    {0x8100, false, "802.1Q"},
    {0x8137, true, "IPX"},
    {0x86dd, false, "IPv6"},
    {0x8808, true, "MPCP"},
    {0x8809, true, "Slow Protocols"},
    {0x880b, false, "PPP"},
    {0x8847, false, "MPLS unicast"},
    {0x8848, false, "MPLS multicast"},
    {0x8863, true, "PPPoE D"},
    {0x8864, false, "PPPoE S"},
    {0x886f, true, "MS NLB heartbeat"},
    {0x8870, true, "Jumbo"},
    {0x888e, true, "EAPOL"},
    {0x8899, true, "Realtek protocols"},
    {0x88a2, true, "AoE"},
    {0x88a8, false, "802.1Q-QinQ"},
    {0x88ca, true, "TIPC"},
    {0x88cc, true, "LLDP"},
    {0x88e5, true, "802.1AE MACsec"},
    {0x88f7, true, "PTP"},
    {0x8902, true, "CFM"},
    {0x893a, false, "IEEE1905.1"},
    {0x8947, true, "GeoNet"},
    {0x894f, true, "NSH"},
    {0x9000, true, "Loopback"},
    {0x9100, false, "802.1Q-9100"},
    {0x9200, false, "802.1Q-9200"},
    {0xabcd, true, "CFM (old)"},
    {0xd28b, true, "Arista Vendor Specific Protocol"},
    {0xfefe, true, "OSI"},
};

static const struct ether_type *find_ether_type(uint16_t type)
{
	for (size_t i = 0; i < sizeof(ether_types) / sizeof(ether_types[0]); i++)
		if (ether_types[i].type == type)
			return &ether_types[i];
	return NULL;
}

const char *line_ether_type_name(uint16_t type)
{
	const struct ether_type *found = find_ether_type(type);

	return found ? found->name : NULL;
}

bool line_ether_type_unread(uint16_t type)
{
	const struct ether_type *found = find_ether_type(type);

	return found && found->unread;
}

static const char *const protocols[256] = {
    [0] = "Options",
    [1] = "ICMP",
    [2] = "IGMP",
    [4] = "IPIP",
    [6] = "TCP",
    [8] = "EGP",
    [9] = "IGRP",
    [17] = "UDP",
    [33] = "DCCP",
    [41] = "IPv6",
    [43] = "Routing",
    [44] = "Fragment",
    [46] = "RSVP",
    [47] = "GRE",
    [50] = "ESP",
    [51] = "AH",
    [55] = "Mobile IP",
    [58] = "ICMPv6",
    [62] = "Mobile IP (old)",
    [88] = "EIGRP",
    [89] = "OSPF",
    [103] = "PIM",
    [108] = "Compressed IP",
    [112] = "VRRP",
    [113] = "PGM",
    [132] = "SCTP",
    [135] = "Mobility",
    [143] = "Ethernet",
};

const char *line_protocol_name(uint8_t protocol)
{
	return protocols[protocol];
}

/* IANA's numbers, with the names of /etc/protocols. */
static const char *const netdb[256] = {
    [0] = "hopopt",
    [1] = "icmp",
    [2] = "igmp",
    [3] = "ggp",
    [4] = "ipencap",
    [5] = "st",
    [6] = "tcp",
    [7] = "cbt",
    [8] = "egp",
    [9] = "igp",
    [10] = "bbn-rcc-mon",
    [11] = "nvp-ii",
    [12] = "pup",
    [13] = "argus",
    [14] = "emcon",
    [15] = "xnet",
    [16] = "chaos",
    [17] = "udp",
    [18] = "mux",
    [19] = "dcn-meas",
    [20] = "hmp",
    [21] = "prm",
    [22] = "xns-idp",
    [23] = "trunk-1",
    [24] = "trunk-2",
    [25] = "leaf-1",
    [26] = "leaf-2",
    [27] = "rdp",
    [28] = "irtp",
    [29] = "iso-tp4",
    [30] = "netblt",
    [31] = "mfe-nsp",
    [32] = "merit-inp",
    [33] = "dccp",
    [34] = "3pc",
    [35] = "idpr",
    [36] = "xtp",
    [37] = "ddp",
    [38] = "idpr-cmtp",
    [39] = "tp++",
    [40] = "il",
    [41] = "ipv6",
    [42] = "sdrp",
    [43] = "ipv6-route",
    [44] = "ipv6-frag",
    [45] = "idrp",
    [46] = "rsvp",
    [47] = "gre",
    [48] = "dsr",
    [49] = "bna",
    [50] = "esp",
    [51] = "ah",
    [52] = "i-nlsp",
    [53] = "swipe",
    [54] = "narp",
    [55] = "mobile",
    [56] = "tlsp",
    [57] = "skip",
    [58] = "ipv6-icmp",
    [59] = "ipv6-nonxt",
    [60] = "ipv6-opts",
    [62] = "cftp",
    [64] = "sat-expak",
    [65] = "kryptolan",
    [66] = "rvd",
    [67] = "ippc",
    [69] = "sat-mon",
    [70] = "visa",
    [71] = "ipcv",
    [72] = "cpnx",
    [73] = "rspf",
    [74] = "wsn",
    [75] = "pvp",
    [76] = "br-sat-mon",
    [77] = "sun-nd",
    [78] = "wb-mon",
    [79] = "wb-expak",
    [80] = "iso-ip",
    [81] = "vmtp",
    [82] = "secure-vmtp",
    [83] = "vines",
    [84] = "ttp",
    [85] = "nsfnet-igp",
    [86] = "dgp",
    [87] = "tcf",
    [88] = "eigrp",
    [89] = "ospf",
    [90] = "sprite-rpc",
    [91] = "larp",
    [92] = "mtp",
    [93] = "ax.25",
    [94] = "ipip",
    [95] = "micp",
    [96] = "scc-sp",
    [97] = "etherip",
    [98] = "encap",
    [100] = "gmtp",
    [101] = "ifmp",
    [102] = "pnni",
    [103] = "pim",
    [104] = "aris",
    [105] = "scps",
    [106] = "qnx",
    [107] = "a/n",
    [108] = "ipcomp",
    [109] = "snp",
    [110] = "compaq-peer",
    [111] = "ipx-in-ip",
    [112] = "vrrp",
    [113] = "pgm",
    [115] = "l2tp",
    [116] = "ddx",
    [117] = "iatp",
    [118] = "stp",
    [119] = "srp",
    [120] = "uti",
    [121] = "smp",
    [122] = "sm",
    [123] = "ptp",
    [124] = "isis",
    [125] = "fire",
    [126] = "crtp",
    [127] = "crudp",
    [128] = "sscopmce",
    [129] = "iplt",
    [130] = "sps",
    [131] = "pipe",
    [132] = "sctp",
    [133] = "fc",
    [134] = "rsvp-e2e-ignore",
    [135] = "mobility-header",
    [136] = "udplite",
    [137] = "mpls-in-ip",
    [138] = "manet",
    [139] = "hip",
    [140] = "shim6",
    [141] = "wesp",
    [142] = "rohc",
    [253] = "exptest-253",
    [254] = "exptest-254",
    [255] = "reserved",
};

const char *line_protocol_netdb(uint8_t protocol)
{
	return netdb[protocol];
}

/* The few vendors that tcpdump knows. */
const char *line_ether_vendor(const uint8_t oui[3])
{
	static const struct {
		uint32_t oui;
		const char *name;
	} vendors[] = {
	    {0x000000, "Ethernet"},
	    {0x00000c, "Cisco"},
	    {0x00005e, "IANA"},
	    {0x000081, "Nortel Networks SONMP"},
	    {0x0000f8, "Cisco bridged"},
	    {0x0080c2, "Ethernet bridged"},
	    {0x00a03e, "ATM Forum"},
	    {0x00e02f, "DOCSIS Spanning Tree"},
	    {0x080007, "Appletalk"},
	    {0x009069, "Juniper"},
	    {0x080009, "Hewlett-Packard"},
	    {0x00120f, "IEEE 802.3 Private"},
	    {0x0012bb, "ANSI/TIA"},
	    {0x001b21, "DCBX"},
	    {0x002320, "Nicira Networks"},
	    {0x5c16c7, "Big Switch Networks"},
	    {0xb0d2f5, "Vello Systems"},
	    {0x002481, "HP"},
	    {0x0004ea, "HP-Labs"},
	    {0x748771, "Infoblox Inc"},
	    {0xa42305, "Open Networking Lab"},
	    {0x00049f, "Freescale"},
	    {0x0015ad, "Netronome"},
	    {0x001018, "Broadcom"},
	    {0x00e004, "PMC-Sierra"},
	    {0xd0f0db, "Ericsson"},
	};
	uint32_t wanted = (uint32_t)oui[0] << 16 | (uint32_t)oui[1] << 8 | oui[2];

	for (size_t i = 0; i < sizeof(vendors) / sizeof(vendors[0]); i++)
		if (vendors[i].oui == wanted)
			return vendors[i].name;
	return "Unknown";
}
