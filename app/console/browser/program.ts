// The real program with the demo nation, on an empty data folder and a port of its own, for as long as the tests run. They start when all
// samples are in: what somebody counts, and the numbers of the cities, would change under their hands before.
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
    program.stdout.setEncoding('utf8')
    program.stdout.on('data', (chunk: string) => {
      said += chunk
      const address = /http:\/\/127\.0\.0\.1:\d+/.exec(said)?.[0]
      if (address && said.includes('演示数据已全部放入')) found(address)
      if (said.includes('演示数据没有全部放入')) failed(new Error(said))
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
