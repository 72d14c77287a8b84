import type { Plugin } from '@muflow/core';
import { plugin as depthSeparation } from '@muflow/depth-separation';
import { plugin as supervised } from '@muflow/supervised';
import { plugin as symmetric } from '@muflow/symmetric';
import { plugin as zeroSum } from '@muflow/zero-sum';

/** The plugins of this repository, one for each folder of plugins/; what `test` checks of every plugin it reads here. */
export const plugins: readonly Plugin[] = [supervised, symmetric, depthSeparation, zeroSum];
