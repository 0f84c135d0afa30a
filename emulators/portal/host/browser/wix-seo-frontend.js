/** `wix-seo-frontend`, as far as page code uses it. */

export default {
  async setTitle(title) {
    document.title = title;
  },
};
