// The first import of every process: after it no input can reach a prototype through `__proto__`.
Reflect.deleteProperty(Object.prototype, '__proto__');
