/**
 * The port of what people see at the lane before they read anything: a light of three colours, or none. Colour never stands
 * alone, the screen and a sound say the same; how long a colour is shown is decided elsewhere.
 */
export type LightColour = 'green' | 'red' | 'amber' | 'off'

export interface LightDriver {
  readonly name: string
  /** Shows the colour until another is shown. Rejects with a `Failure` GH-LIGHT-… when the device does not do it. */
  show(colour: LightColour): Promise<void>
  /** Off, and the device given back. */
  stop(): Promise<void>
}
