/**
 * What a gate watches about itself, as people call it. The gate names its checks for machines; one that is not known yet is shown as
 * it came, so that nothing a gate complains about is ever hidden.
 */
import type { Lang } from './i18n.ts'

const labels: Record<string, Record<Lang, string>> = {
  journal: { en: 'Journal', ko: '기록' },
  roster: { en: 'List', ko: '명단' },
  link: { en: 'Connection', ko: '연결' },
  unsent: { en: 'Sending', ko: '기록 전송' },
  clock: { en: 'Clock', ko: '시계' },
  certificate: { en: 'Certificate', ko: '인증서' },
  door: { en: 'Door', ko: '출입문' },
  reader: { en: 'Code reader', ko: '코드 리더기' },
  qr: { en: 'Code reader', ko: '코드 리더기' },
  ble: { en: 'Badge radio', ko: '배지 수신기' },
  disk: { en: 'Storage', ko: '저장 공간' },
}
const program: Record<Lang, string> = { en: 'Program', ko: '프로그램' }

export function checkLabel(name: string, lang: Lang): string {
  if (name.startsWith('loop ')) return `${program[lang]} (${name.slice('loop '.length)})`
  return labels[name]?.[lang] ?? name
}
