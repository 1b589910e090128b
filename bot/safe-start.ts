// The first import of every process: after it no input can reach a prototype through `__proto__` (threat T26).
Reflect.deleteProperty(Object.prototype, '__proto__');
