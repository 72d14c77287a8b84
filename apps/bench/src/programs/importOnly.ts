import { coreVersion } from '@muflow/core';

/** Its start-up is what is timed. */
if (typeof coreVersion !== 'string') process.exitCode = 1;
