/* The three ways to damage a capture: cut off at a packet, joined at one, and with one missing. */
#ifndef DAMAGE_WAYS_H
#define DAMAGE_WAYS_H

#include "parts.h"
#include "run.h"

/* Damages part, in each way, at places that are stride apart on average: taken at random, the same ones each time. A
 * stride of 1: at each. No more than tail packets behind the damage are read. */
void damage(struct run *run, const struct limits *limits, const struct part *part, size_t stride, size_t tail);

#endif
