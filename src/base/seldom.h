/* Where functions lie. What is seldom called would otherwise be put into the middle of what is called for each packet:
 * the processor then reads around it, and registers are saved for it. */
#ifndef BASE_SELDOM_H
#define BASE_SELDOM_H

#define SELDOM __attribute__((noinline, cold)) /* not once in a hundred packets: out of the way, and small */
#define APART  __attribute__((noinline))       /* often enough to be fast, but not part of what calls it */

#endif
