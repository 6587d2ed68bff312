#include "wscap/conn_lists.h"

#include "base/fetch.h"

void conn_lists_init(struct conn_lists *lists, const struct pool *pool)
{
	*lists = (struct conn_lists){.pool = pool, .look_at = INT64_MIN};
}

static struct conn *conn_at(const struct conn_lists *lists, uint32_t number)
{
	return number == POOL_NONE ? NULL : pool_at(lists->pool, number);
}

/* A list has another oldest one. */
static void look_again(struct conn_lists *lists)
{
	lists->look_at = INT64_MIN;
}

static void take_end(struct conn_lists *lists, struct conn_list *list, const struct conn *conn)
{
	if (list->oldest == conn) {
		list->oldest = conn_at(lists, conn->newer);
		look_again(lists);
	}
	if (list->newest == conn)
		list->newest = conn_at(lists, conn->older);
}

void conn_lists_remove(struct conn_lists *lists, struct conn *conn)
{
	take_end(lists, &lists->open, conn);
	take_end(lists, &lists->closed, conn);
	if (conn->older != POOL_NONE)
		conn_at(lists, conn->older)->newer = conn->newer;
	if (conn->newer != POOL_NONE)
		conn_at(lists, conn->newer)->older = conn->older;
}

void conn_lists_add(struct conn_lists *lists, struct conn *conn)
{
	struct conn_list *list = conn->closed ? &lists->closed : &lists->open;

	if (!list->newest)
		look_again(lists);
	conn->older = conn->newer = POOL_NONE;
	if (list->newest) {
		conn->older = list->newest->number_in_pool;
		list->newest->newer = conn->number_in_pool;
	} else {
		list->oldest = conn;
	}
	list->newest = conn;
}

void conn_lists_move(struct conn_lists *lists, struct conn *conn, int64_t now)
{
	conn_lists_remove(lists, conn);
	conn_lists_add(lists, conn);
	conn->listed = conn_lists_time(now);
}

struct conn *conn_lists_newer(const struct conn_lists *lists, const struct conn *conn)
{
	return conn_at(lists, conn->newer);
}

void conn_lists_fetch(const struct conn_lists *lists, const struct conn *conn, int64_t now)
{
	if (!conn_lists_is_old(conn, now))
		return;
	if (conn->older != POOL_NONE)
		fetch_write(&conn_at(lists, conn->older)->newer);
	if (conn->newer != POOL_NONE)
		fetch_write(&conn_at(lists, conn->newer)->older);
}
