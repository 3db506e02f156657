/** What classic scripts leave in the global scope. */

import type { Explorer } from './types';
import type { FondsShard } from './source';

declare global {
  /** Defined by boot.js. */
  const fondsShard: FondsShard;
  /** Defined by the wasm-bindgen glue that stands before worker.js in the published worker. */
  const wasm_bindgen: { (init: { module_or_path: BufferSource }): Promise<unknown>; Explorer: typeof Explorer };
}
