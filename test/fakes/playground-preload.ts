import { Server } from 'node:net';

/**
 * Loaded into the Agents Playground's process before its own code (`node --import`).
 *
 * It listens on all interfaces and speaks for its current user to whoever reaches it: here `listen(port, …)` becomes
 * `listen({ host: '127.0.0.1', port }, …)`. And it ends with the process that started it, however that one ends, because
 * only then its standard input closes.
 */
Server.prototype.listen = new Proxy(Server.prototype.listen, {
  apply(listen, server, [port, ...rest]: unknown[]) {
    const where = typeof port === 'number' ? { host: '127.0.0.1', port } : port;
    return Reflect.apply(listen, server, [where, ...rest]);
  },
});

process.stdin.once('end', () => process.exit(0)).resume();
