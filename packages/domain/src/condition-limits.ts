/** How large a condition may be. A gate evaluates it between a reading and a door, so its cost is bounded where it is written. */
export const conditionLimits = { depth: 8, nodes: 64, listed: 64, textLength: 128, count: 1_000_000 } as const
