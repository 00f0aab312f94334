/** Where gates find the broker, and whether it may be there at all. */
import { Failure, type Logger } from '@gatehouse/runtime'
import type { CloudConfig } from '../config.ts'

/** Without TLS anybody who can reach the broker can be any gate. Throws `Failure` GH-CONFIG-004. */
export function refuseOpenBroker(config: CloudConfig, logger: Logger): void {
  if (config['mqtt.tls']) return
  const isLoopback = /^(127\.|localhost$|::1$)/.test(config['mqtt.host'])
  if (!isLoopback)
    throw new Failure('GH-CONFIG-004', 'mqtt.tls can only be switched off when mqtt.host is this machine (127.0.0.1)')
  logger.warn(
    { host: config['mqtt.host'] },
    'THE BROKER RUNS WITHOUT TLS: every program on this machine can speak as any gate',
  )
}

/** What is handed over to gates. */
export function urlOfBroker(config: CloudConfig, port: number): string {
  const host = config['mqtt.names'][0] ?? (config['mqtt.host'] === '0.0.0.0' ? '127.0.0.1' : config['mqtt.host'])
  return `${config['mqtt.tls'] ? 'mqtts' : 'mqtt'}://${host}:${port}`
}
