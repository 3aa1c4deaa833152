/**
 * Node 20.20 was seen to die here ("unreachable code" in V8's deoptimizer) when optimised code that asks the engine
 * thousands of times had to be given up in the middle of that WebAssembly call. Without the inlining of such calls it no
 * longer does, and decisions cost the same. Whoever decides thousands of times in one process should set it too.
 */
require('node:v8').setFlagsFromString('--no-turbo-inline-js-wasm-calls');
