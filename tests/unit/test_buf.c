/* Bytes that grow up to a maximum. */
#include "test.h"

#include "ws/buf.h"

/* What it says that it will grow by is what it grows by, whatever is asked for. */
static void grows_as_it_says(void **state)
{
	(void)state;
	for (size_t max = 1; max < 5000; max += 37) {
		for (size_t step = 1; step < 1000; step += 53) {
			struct ws_buf buf;
			size_t before = 0;

			ws_buf_init(&buf, max);
			for (size_t i = 0; i < 100; i++) {
				size_t growth = ws_buf_growth(&buf, step);
				size_t cap = buf.cap;
				int status = ws_buf_reserve(&buf, step);

				assert_int_equal(status, before + step > max ? WS_E_LIMIT : WS_OK);
				assert_int_equal(buf.cap - cap, growth);
				if (status != WS_OK) {
					assert_int_equal(growth, 0);
					break;
				}
				assert_true(buf.cap >= before + step && buf.cap <= max + 256);
				buf.len = before += step;
				assert_int_equal(ws_buf_growth(&buf, 0), 0);
			}
			ws_buf_finish(&buf);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(grows_as_it_says),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
