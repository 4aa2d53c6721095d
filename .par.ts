import { createParallelEngine } from './src/training/parallel-engine.js';
import { createLocalEngine } from './src/training/local-engine.js';
for (const architecture of ['cnn','cnn-small']) {
const o={spec:{architecture,shape:{height:28,width:28,channels:1},classes:10,preprocessing:{mean:[0.28],std:[0.35]}},optimizer:{kind:'adam'},seed:1} as const;
const count=128; const pixels=new Uint8Array(count*784).map(()=>Math.random()*256); const labels=new Int32Array(count).map(()=>Math.random()*10);
for (const e of [await createLocalEngine({...o,backend:'wasm'}), await createParallelEngine({...o,workers:1}), await createParallelEngine({...o,workers:2}), await createParallelEngine({...o,workers:3})]) {
for(let i=0;i<10;i++) await e.step({pixels,labels,count},1e-3);
const N=architecture==='cnn'?30:200; const t=performance.now(); let r; for(let i=0;i<N;i++) r=await e.step({pixels,labels,count},1e-3);
console.log(architecture, e.description, (count*N/(performance.now()-t)*1000).toFixed(0), r!.loss, (await e.predict(pixels,count))[17]);
await e.close();
}}
