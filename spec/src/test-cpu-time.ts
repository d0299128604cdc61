/** Milliseconds of this thread's own work: what else the machine does meanwhile doesn't count. */
export function cpuTimeMs(work: () => void): number {
  const start = process.threadCpuUsage()
  work()
  const { user, system } = process.threadCpuUsage(start)
  return (user + system) / 1000
}
