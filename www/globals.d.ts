/** What classic scripts leave in the global scope. */

import type { Explorer } from './types';
import type { FondsShard } from './source';

declare global {
  /** Defined by boot.js. */
  const fondsShard: FondsShard;
  /** The wasm-bindgen glue, which stands before worker.js in the published worker; each call gives one that has no core yet. */
  const fondsGlue: () => { (init: { module_or_path: BufferSource }): Promise<{ memory: WebAssembly.Memory }>; Explorer: typeof Explorer };
}
