/** Draws a QR ticket. Version 6-M in alphanumeric mode with the quiet zone of four modules that every reader asks for. */
import QRCode from 'qrcode'

const OPTIONS = { errorCorrectionLevel: 'M', margin: 4 } as const

export function ticketPng(text: string): Promise<Buffer> {
  return QRCode.toBuffer(text, { ...OPTIONS, type: 'png', scale: 8 })
}

export function ticketSvg(text: string): Promise<string> {
  return QRCode.toString(text, { ...OPTIONS, type: 'svg' })
}
