/* One finding as a SARIF result object. */
#ifndef POLLCHECK_SARIF_RESULT_H
#define POLLCHECK_SARIF_RESULT_H

#include "finding.h"
#include "json.h"

void sarif_result(struct json *, const struct finding *);

#endif
