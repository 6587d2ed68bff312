/* Is every thread's loop still turning? For systemd's watchdog (WatchdogSec=): a server that hangs is started again.
 *
 *     beat ─► a post to each loop ─► it arrives ─► … ─► the next beat: all of them did? then systemd is told
 *
 * Belongs to the main thread. Without a watchdog it does nothing. */
#ifndef WSCHAT_PULSE_H
#define WSCHAT_PULSE_H

#include <stddef.h>

struct loop;
struct pulse;

/* For these loops. It must be destroyed after them: what it posted may still arrive while they end. NULL with errno. */
struct pulse *pulse_create(struct loop *const *loops, size_t count);
void pulse_destroy(struct pulse *pulse);

/* Readable when it is time for a beat, twice in the time that systemd waits; -1 (which poll() passes over) without a
 * watchdog. */
int pulse_descriptor(const struct pulse *pulse);

/* Tells systemd that all is well, if every loop has turned since the last beat. */
void pulse_beat(struct pulse *pulse);

#endif
