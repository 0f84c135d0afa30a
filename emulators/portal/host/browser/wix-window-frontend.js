/** `wix-window-frontend`, as far as page code uses it. */

export default { browserLocale: navigator.language, multilingual: { isEnabled: false, currentLanguage: '' } };
