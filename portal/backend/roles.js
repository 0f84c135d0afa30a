// Made by `make config`. Do not edit.

export const PERMISSIONS = {
  "admin": {
    "sections": "all",
    "documents": {
      "categories": "all",
      "classifications": "all"
    },
    "forms": "all",
    "actions": "all"
  },
  "edi": {
    "sections": "all",
    "documents": {
      "categories": "all",
      "classifications": "all"
    },
    "forms": "all",
    "actions": "all"
  },
  "finance": {
    "sections": "all",
    "documents": {
      "categories": "all",
      "classifications": "all"
    },
    "forms": "all",
    "actions": "all"
  },
  "logistics": {
    "sections": "all",
    "documents": {
      "categories": "all",
      "classifications": "all"
    },
    "forms": "all",
    "actions": "all"
  },
  "other": {
    "sections": "all",
    "documents": {
      "categories": "all",
      "classifications": "all"
    },
    "forms": "all",
    "actions": "all"
  }
};
