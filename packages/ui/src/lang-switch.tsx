/**
 * The one control that is never translated: it shows the other language in its own words.
 */
import { lang, switchLang } from './i18n.ts'

export function LangSwitch() {
  const other = lang.value === 'en' ? 'ko' : 'en'
  return (
    <button type="button" class="button quiet lang-switch" lang={other} onClick={() => switchLang(other, localStorage)}>
      {other === 'ko' ? '한국어' : 'English'}
    </button>
  )
}
