import { expect } from 'chai';

import type { AskChild, ChildAnswer } from '../../src/training/survey/ask-child.js';
import { askChild } from '../../src/training/survey/ask-child.js';
import type { ChildTask } from '../../src/training/survey/child.js';
import {
  automaticChoice,
  type BackendReport,
  benchmarkPlan,
  runBenchmark,
  surveyBackends,
} from '../../src/training/survey/index.js';
import type { Probe } from '../../src/training/survey/probe.js';

const ready: Probe = { status: 'ready', description: 'a package 1.0.0' };
const missing: Probe = { status: 'missing', description: '', problem: 'it is not installed' };

/** Children that answer what the test says for each backend, and that all others are missing. */
function children(answers: Partial<Record<string, ChildAnswer>>): AskChild {
  return (task) => {
    const name = task.kind === 'probe' ? task.name : task.backend;
    const other: ChildAnswer = { message: { kind: 'probe', probe: missing }, said: '' };
    return Promise.resolve(answers[name] ?? other);
  };
}

const answer = (probe: Probe, said = ''): ChildAnswer => ({
  message: { kind: 'probe', probe },
  said,
});

async function reportOf(name: string, given: ChildAnswer): Promise<BackendReport> {
  const reports = await surveyBackends({ ask: children({ [name]: given }) });
  return reports.find((report) => report.name === name)!;
}

describe('training/survey', () => {
  it('tells of every backend, and how to get those that are missing', async () => {
    const reports = await surveyBackends({ ask: children({ wasm: answer(ready) }) });
    expect(reports.map(({ name }) => name)).to.deep.equal([
      'cuda',
      'native',
      'webgpu',
      'wasm',
      'cpu',
    ]);
    expect(reports[3]).to.deep.equal({ name: 'wasm', ...ready });
    expect(reports[2]!.remedy).to.match(/npm install webgpu@.*libvulkan/);
    expect(reports[0]!.remedy).to.match(/npm install @tensorflow\/tfjs-node-gpu@4\.22\.0/);
    expect(reports[0]!.remedy).to.match(/CUDA 11 .*not 12.*cuDNN 8/);
  });

  it('names the libraries that the package for CUDA misses', async () => {
    const fallback: Probe = { ...ready, status: 'software only', problem: 'it finds no GPU' };
    const said = [
      "W Could not load dynamic library 'libcudart.so.11.0'; dlerror: no such file",
      "W Could not load dynamic library 'libcudnn.so.8'; dlerror: no such file",
      "W Could not load dynamic library 'libcudart.so.11.0'; dlerror: no such file",
    ].join('\n');
    const report = await reportOf('cuda', answer(fallback, said));
    expect(report.problem).to.equal('it finds no GPU; it misses libcudart.so.11.0, libcudnn.so.8');
    expect(report.remedy).to.include('CUDA 11');
  });

  it('names the card that TensorFlow found', async () => {
    const said = 'I Created device /GPU:0 -> device: 0, name: NVIDIA A10, pci bus id: 0000:00:1e.0';
    const report = await reportOf('cuda', answer(ready, said));
    expect(report).to.deep.equal({
      name: 'cuda',
      status: 'ready',
      description: 'a package 1.0.0, NVIDIA A10',
    });
  });

  it('calls a backend broken whose start ends the process or takes for ever', async () => {
    for (const ended of ['SIGSEGV', 'exit code 127', 'it took more than 60 s']) {
      const report = await reportOf('native', { ended, said: '' });
      expect(report.status).to.equal('broken');
      expect(report.problem).to.include(ended);
      expect(report.remedy).to.include('npm install @tensorflow/tfjs-node@');
    }
  });

  it('says what auto takes', async () => {
    const choice = async (probes: Record<string, Probe>): Promise<string> => {
      const given = Object.entries(probes).map(([name, probe]) => [name, answer(probe)] as const);
      return automaticChoice(await surveyBackends({ ask: children(Object.fromEntries(given)) }));
    };
    const software: Probe = { ...ready, status: 'software only', problem: 'no GPU' };
    expect(await choice({ wasm: ready, cpu: ready })).to.equal('wasm');
    expect(await choice({ wasm: ready, webgpu: software })).to.equal('wasm');
    expect(await choice({ wasm: ready, webgpu: ready })).to.equal('webgpu');
    expect(await choice({ wasm: ready, webgpu: ready, native: ready })).to.equal('native');
    expect(await choice({ wasm: ready, webgpu: ready, cuda: software })).to.equal('native');
    expect(await choice({ native: ready, cuda: ready })).to.equal('cuda');
  });

  it('plans to measure what is ready, within the time', async () => {
    const ask = children({ webgpu: answer(ready), wasm: answer(ready), cpu: answer(ready) });
    const reports = await surveyBackends({ ask });
    const rows = benchmarkPlan(reports, { cores: 4, seconds: 15 });
    expect(rows.map(({ backend, workers }) => [backend, workers])).to.deep.equal([
      ['webgpu', 1],
      ['wasm', 1],
      ['wasm', 4],
    ]);
    const allowed: number[] = [];
    for (const row of rows) {
      await runBenchmark(row, {
        ask: (_, { seconds }) => {
          allowed.push(seconds);
          return Promise.resolve({ said: '' });
        },
      });
    }
    expect(allowed.reduce((sum, x) => sum + x)).to.be.closeTo(15, 1e-9);
    expect(benchmarkPlan(reports, { cores: 1, seconds: 1000 })[0]!.seconds).to.be.at.most(10);
  });

  it('keeps the last speed of a measurement that had to be ended', async () => {
    const row = { backend: 'wasm', workers: 1, seconds: 1 } as const;
    const message = { kind: 'step', imagesPerSecond: 12 } as const;
    const speeds: number[] = [];
    const late: AskChild = (_, { onMessage }) => {
      onMessage?.(message);
      return Promise.resolve({ message, ended: 'it took more than 2 s', said: '' });
    };
    expect(
      await runBenchmark(row, { ask: late, onStep: (speed) => speeds.push(speed) }),
    ).to.deep.equal({ backend: 'wasm', workers: 1, imagesPerSecond: 12 });
    expect(speeds).to.deep.equal([12]);
    const dead: AskChild = () => Promise.resolve({ ended: 'SIGKILL', said: '' });
    expect(await runBenchmark(row, { ask: dead })).to.deep.equal({
      backend: 'wasm',
      workers: 1,
      problem: 'SIGKILL',
    });
  });

  it('starts a backend in a process of its own', async () => {
    const { message } = await askChild({ kind: 'probe', name: 'wasm' }, { seconds: 30 });
    expect(message).to.have.nested.property('probe.status', 'ready');
    expect(message).to.have.nested.property('probe.description').that.includes('SIMD');
  });

  it('measures in a process of its own', async () => {
    const task: ChildTask = { kind: 'measure', backend: 'wasm', workers: 1, seconds: 0.1 };
    const steps: number[] = [];
    const { message } = await askChild(task, {
      seconds: 30,
      onMessage: (next) => next.kind === 'step' && steps.push(next.imagesPerSecond),
    });
    expect(message).to.have.property('kind', 'measured');
    expect(message).to.have.property('imagesPerSecond').that.is.greaterThan(1);
    expect(steps).not.to.be.empty;
  });

  it('ends a process that takes too long', async () => {
    const { ended, message } = await askChild({ kind: 'probe', name: 'wasm' }, { seconds: 0.05 });
    expect(message).to.equal(undefined);
    expect(ended).to.match(/took more than/);
  });
});
