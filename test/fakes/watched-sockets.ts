import { Socket } from 'node:net';

export interface WatchedSockets {
  /** `host:port` of every connection that this process began to another machine; none of them is made. */
  readonly elsewhere: readonly string[];
  /** `host:port` of every connection to this machine. */
  readonly here: readonly string[];
  stop(): void;
}

type Connect = (this: Socket, ...given: unknown[]) => Socket;

const HERE = /^(?:localhost|127(?:\.\d{1,3}){3}|::1)?$/;

/** Every way out of the process ends in `net.Socket`, TLS too: names are not even resolved. */
export function watchSockets(): WatchedSockets {
  const elsewhere: string[] = [];
  const here: string[] = [];
  const original = Socket.prototype.connect as Connect;
  const watched: Connect = function watched(...given) {
    const { host = '', port } = addressOf(given);
    if (HERE.test(host)) {
      here.push(`${host}:${port}`);
      return original.apply(this, given);
    }
    elsewhere.push(`${host}:${port}`);
    setImmediate(() => this.destroy(new Error(`connect ECONNREFUSED ${host}:${port}`)));
    return this;
  };
  Object.assign(Socket.prototype, { connect: watched });
  return {
    elsewhere,
    here,
    stop: () => void Object.assign(Socket.prototype, { connect: original }),
  };
}

/** Node's own callers give a list of options and callback; others options, or port and host. */
function addressOf(given: readonly unknown[]): { readonly host?: string; readonly port?: unknown } {
  const [first, second] = Array.isArray(given[0]) ? given[0] : given;
  if (typeof first === 'object' && first !== null) return first as { host?: string; port?: unknown };
  return { port: first, ...(typeof second === 'string' && { host: second }) };
}
