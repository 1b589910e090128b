/** Reads each object once, however often it is looked at: rows and messages of a world never change. */
export function onceOfEach<K extends object, V>(read: (one: K) => V): (one: K) => V {
  const known = new WeakMap<K, { readonly value: V }>();
  return (one) => {
    const found = known.get(one) ?? { value: read(one) };
    known.set(one, found);
    return found.value;
  };
}
