#include "wscap/line_internal.h"

uint32_t line_sum(uint32_t sum, struct ws_span data)
{
	uint64_t wide = sum;
	size_t i = 0;

	for (; i + 1 < data.len; i += 2)
		wide += (uint64_t)data.data[i] << 8 | data.data[i + 1];
	if (i < data.len)
		wide += (uint64_t)data.data[i] << 8;
	while (wide > UINT32_MAX)
		wide = (wide & UINT32_MAX) + (wide >> 32);
	return (uint32_t)wide;
}

uint16_t line_sum_fold(uint32_t sum)
{
	while (sum > UINT16_MAX)
		sum = (sum & UINT16_MAX) + (sum >> 16);
	return (uint16_t)~sum;
}

uint32_t line_sum_pseudo(const struct line_ip *ip, uint8_t protocol, uint32_t length)
{
	uint32_t sum = line_sum(line_sum(0, ip->src), ip->final_dst);

	/* IPv4's pseudo-header has 16 bits for the length. */
	return sum + protocol + (length & UINT16_MAX) + (ip->version == 6 ? length >> 16 : 0);
}

uint16_t line_sum_wanted(uint16_t field, uint16_t sum)
{
	uint32_t wanted = (uint32_t)field + sum;

	return (uint16_t)((wanted & UINT16_MAX) + (wanted >> 16));
}
