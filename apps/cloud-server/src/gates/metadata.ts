/**
 * The few functions of the metadata proposal that the certificate library looks for when it is loaded; without them it refuses. They
 * are given to it only where nobody else has brought the whole proposal.
 */
type Target = object
type MetadataReflect = {
  getMetadata?: (key: unknown, target: Target) => unknown
  getOwnMetadata?: (key: unknown, target: Target) => unknown
  defineMetadata?: (key: unknown, value: unknown, target: Target) => void
  hasOwnMetadata?: (key: unknown, target: Target) => boolean
}

const reflect = Reflect as MetadataReflect
const held = new WeakMap<Target, Map<unknown, unknown>>()

if (!reflect.getMetadata) {
  reflect.getOwnMetadata = (key, target) => held.get(target)?.get(key)
  reflect.hasOwnMetadata = (key, target) => held.get(target)?.has(key) === true
  reflect.defineMetadata = (key, value, target) => {
    held.set(target, (held.get(target) ?? new Map()).set(key, value))
  }
  reflect.getMetadata = (key, target) => {
    for (let at: Target | null = target; at !== null; at = Object.getPrototypeOf(at) as Target | null) {
      if (held.get(at)?.has(key)) return held.get(at)?.get(key)
    }
    return undefined
  }
}
