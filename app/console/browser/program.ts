// The real program with the demo nation, on an empty data folder and a port of its own, for as long as the tests run.
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestProject } from 'vitest/node'

declare module 'vitest' {
  export interface ProvidedContext { base: string }
}

export default async function setup(project: TestProject) {
  const binary = process.env.HOTLINE_BINARY
  if (!binary) throw new Error('HOTLINE_BINARY names no program: run make console')
  const data = mkdtempSync(join(tmpdir(), 'hotline-console-'))
  const program = spawn(binary, ['demo', '--data', data, '--http', '127.0.0.1:0'], { stdio: ['ignore', 'pipe', 'inherit'] })
  const ended = new Promise<void>((done) => program.once('exit', () => done()))
  const base = await new Promise<string>((found, failed) => {
    let said = ''
    program.stdout.on('data', (chunk: Buffer) => {
      said += chunk.toString()
      const address = /http:\/\/127\.0\.0\.1:\d+/.exec(said)?.[0]
      if (address) found(address)
    })
    program.once('exit', (code) => failed(new Error(`the program ended with ${code}: ${said}`)))
  })
  project.provide('base', base)
  return async () => {
    program.kill('SIGTERM')
    await ended
    rmSync(data, { recursive: true, force: true })
  }
}
