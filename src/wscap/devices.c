#include "wscap/devices.h"

#include <stdio.h>
#include <stdlib.h>

#include "wscap/link.h"
#include "wscap/source_internal.h"

struct flag_name {
	bpf_u_int32 mask, value;
	const char *name;
};

static const struct flag_name flag_names[] = {
    {PCAP_IF_UP, PCAP_IF_UP, "Up"},
    {PCAP_IF_RUNNING, PCAP_IF_RUNNING, "Running"},
    {PCAP_IF_LOOPBACK, PCAP_IF_LOOPBACK, "Loopback"},
    {PCAP_IF_WIRELESS, PCAP_IF_WIRELESS, "Wireless"},
};

static const struct flag_name connection_names[] = {
    {PCAP_IF_WIRELESS | PCAP_IF_CONNECTION_STATUS, PCAP_IF_WIRELESS | PCAP_IF_CONNECTION_STATUS_UNKNOWN,
     "Association status unknown"},
    {PCAP_IF_WIRELESS | PCAP_IF_CONNECTION_STATUS, PCAP_IF_WIRELESS | PCAP_IF_CONNECTION_STATUS_CONNECTED,
     "Associated"},
    {PCAP_IF_WIRELESS | PCAP_IF_CONNECTION_STATUS, PCAP_IF_WIRELESS | PCAP_IF_CONNECTION_STATUS_DISCONNECTED,
     "Not associated"},
    {PCAP_IF_WIRELESS | PCAP_IF_CONNECTION_STATUS, PCAP_IF_CONNECTION_STATUS_UNKNOWN, "Connection status unknown"},
    {PCAP_IF_WIRELESS | PCAP_IF_CONNECTION_STATUS, PCAP_IF_CONNECTION_STATUS_CONNECTED, "Connected"},
    {PCAP_IF_WIRELESS | PCAP_IF_CONNECTION_STATUS, PCAP_IF_CONNECTION_STATUS_DISCONNECTED, "Disconnected"},
};

static void print_flags(bpf_u_int32 flags)
{
	const char *separator = "";

	printf(" [");
	for (size_t i = 0; i < sizeof(flag_names) / sizeof(*flag_names); i++) {
		if ((flags & flag_names[i].mask) == flag_names[i].value) {
			printf("%s%s", separator, flag_names[i].name);
			separator = ", ";
		}
	}
	if (!*separator)
		printf("none");
	for (size_t i = 0; i < sizeof(connection_names) / sizeof(*connection_names); i++) {
		if ((flags & connection_names[i].mask) == connection_names[i].value)
			printf(", %s", connection_names[i].name);
	}
	printf("]");
}

bool devices_list(char error[static SENTENCE_SIZE])
{
	char words[PCAP_ERRBUF_SIZE];
	pcap_if_t *devices;
	unsigned number = 0;

	if (pcap_findalldevs(&devices, words) != 0) {
		snprintf(error, SENTENCE_SIZE, "%s", words);
		return false;
	}
	for (pcap_if_t *device = devices; device; device = device->next) {
		printf("%u.%s", ++number, device->name);
		if (device->description)
			printf(" (%s)", device->description);
		if (device->flags)
			print_flags(device->flags);
		printf("\n");
	}
	pcap_freealldevs(devices);
	return true;
}

bool devices_list_link_types(const struct options *options, char error[static SENTENCE_SIZE])
{
	char *device;
	pcap_t *pcap = source_live_activate(options, &device, error);
	int *types = NULL;
	int count;

	if (!pcap)
		return false;
	count = pcap_list_datalinks(pcap, &types);
	if (count < 0)
		snprintf(error, SENTENCE_SIZE, "%s: %s", device, pcap_geterr(pcap));
	else
		fprintf(stderr, "Data link types for %s (use option -y to set):\n", device);
	for (int i = 0; i < count; i++) {
		const char *name = pcap_datalink_val_to_name(types[i]);
		const char *description = pcap_datalink_val_to_description(types[i]);

		if (name)
			fprintf(stderr, "  %s (%s)%s\n", name, description,
				link_known(types[i]) ? "" : " (printing not supported)");
		else
			fprintf(stderr, "  DLT %d (printing not supported)\n", types[i]);
	}
	pcap_free_datalinks(types);
	pcap_close(pcap);
	free(device);
	return count >= 0;
}
