import { startAzurite } from '../fakes/azurite.ts';
import { serveParent } from './children.ts';

/** Azurite in a process of its own. */
const azurite = await startAzurite();
serveParent({ connectionString: () => azurite.connectionString });
