/** Unix time with fractions, the same in every thread of the bench: what one thread begins another one ends. */
export const nowMs = (): number => performance.timeOrigin + performance.now()
