// Made by `make config`. Do not edit.

export const FORMS = {
  "edi-setup": {
    "title": "EDI setup",
    "action": "step_submission",
    "fields": [
      {
        "name": "standard",
        "target": "standard",
        "label": "Standard",
        "kind": "choice",
        "required": true,
        "maxLength": 1000,
        "choices": [
          "X12",
          "EDIFACT"
        ]
      },
      {
        "name": "connection",
        "target": "connection",
        "label": "Connection",
        "kind": "choice",
        "required": true,
        "maxLength": 1000,
        "choices": [
          "AS2",
          "SFTP",
          "VAN"
        ]
      },
      {
        "name": "address",
        "target": "edi_address",
        "label": "EDI address",
        "hint": "Qualifier and identifier of ISA or UNB, such as ZZ:PRAIRIEGOLD.",
        "kind": "trading_address",
        "required": true,
        "maxLength": 60,
        "choices": []
      },
      {
        "name": "contact",
        "target": "edi_contact",
        "label": "E-mail address",
        "hint": "Who is told when a document is not acknowledged.",
        "kind": "email",
        "required": true,
        "maxLength": 1000,
        "choices": []
      },
      {
        "name": "testFrom",
        "target": "test_from",
        "label": "Tests can begin on",
        "kind": "date",
        "required": false,
        "maxLength": 1000,
        "choices": []
      },
      {
        "name": "perDay",
        "target": "per_day",
        "label": "Documents per day",
        "kind": "integer",
        "required": false,
        "maxLength": 1000,
        "choices": []
      },
      {
        "name": "acknowledges",
        "target": "acknowledges",
        "label": "We send 997 or CONTRL by ourselves",
        "kind": "boolean",
        "required": false,
        "maxLength": 1000,
        "choices": []
      },
      {
        "name": "comment",
        "target": "comment",
        "label": "Remarks",
        "kind": "text",
        "required": false,
        "maxLength": 1000,
        "choices": []
      }
    ],
    "filled": {},
    "words": {
      "de": {
        "Connection": "Verbindung",
        "Documents per day": "Belege am Tag",
        "E-mail address": "E-Mail-Adresse",
        "EDI address": "EDI-Adresse",
        "EDI setup": "EDI-Einrichtung",
        "Qualifier and identifier of ISA or UNB, such as ZZ:PRAIRIEGOLD.": "Qualifier und Kennung aus ISA oder UNB, etwa ZZ:PRAIRIEGOLD.",
        "Remarks": "Anmerkungen",
        "Standard": "Standard",
        "Step": "Schritt",
        "Tests can begin on": "Tests können beginnen am",
        "We send 997 or CONTRL by ourselves": "Wir senden 997 oder CONTRL von selbst",
        "Who is told when a document is not acknowledged.": "Wer erfährt, wenn ein Beleg nicht bestätigt wird."
      }
    }
  },
  "invoice-question": {
    "title": "Question about an invoice",
    "action": "request",
    "fields": [
      {
        "name": "invoiceNumber",
        "target": "invoice_number",
        "label": "Invoice number",
        "kind": "text",
        "required": true,
        "maxLength": 60,
        "choices": []
      },
      {
        "name": "poNumber",
        "target": "po_number",
        "label": "Order number",
        "kind": "text",
        "required": false,
        "maxLength": 60,
        "choices": []
      },
      {
        "name": "lineNumber",
        "target": "line_number",
        "label": "Line",
        "kind": "integer",
        "required": false,
        "maxLength": 1000,
        "choices": []
      },
      {
        "name": "invoicedUnitPrice",
        "target": "invoiced_unit_price",
        "label": "Price on the invoice",
        "kind": "decimal",
        "required": false,
        "maxLength": 1000,
        "choices": []
      },
      {
        "name": "poUnitPrice",
        "target": "po_unit_price",
        "label": "Price on the order",
        "kind": "decimal",
        "required": false,
        "maxLength": 1000,
        "choices": []
      },
      {
        "name": "currency",
        "target": "currency",
        "label": "Currency",
        "kind": "choice",
        "required": false,
        "maxLength": 1000,
        "choices": [
          "USD",
          "EUR",
          "CAD",
          "GBP"
        ]
      },
      {
        "name": "quantity",
        "target": "quantity",
        "label": "Quantity",
        "kind": "decimal",
        "required": false,
        "maxLength": 1000,
        "choices": []
      },
      {
        "name": "question",
        "target": "question",
        "label": "Your question",
        "kind": "text",
        "required": true,
        "maxLength": 4000,
        "choices": []
      }
    ],
    "filled": {
      "name": "your_name",
      "email": "email"
    },
    "words": {
      "de": {
        "Attachments": "Anhänge",
        "Company": "Unternehmen",
        "Currency": "Währung",
        "E-mail address": "E-Mail-Adresse",
        "EDI address": "EDI-Adresse",
        "Invoice number": "Rechnungsnummer",
        "Line": "Position",
        "Order number": "Bestellnummer",
        "Price on the invoice": "Preis auf der Rechnung",
        "Price on the order": "Preis in der Bestellung",
        "Quantity": "Menge",
        "Question about an invoice": "Frage zu einer Rechnung",
        "Your name": "Ihr Name",
        "Your question": "Ihre Frage"
      }
    },
    "attachments": {
      "name": "files",
      "target": "attachments",
      "label": "Attachments"
    }
  },
  "issue-comment": {
    "title": "Comment on an issue",
    "action": "case_comment",
    "fields": [],
    "filled": {
      "name": "your_name"
    },
    "words": {
      "de": {
        "Comment on an issue": "Kommentar zu einem Vorgang",
        "Issue": "Vorgang",
        "Your comment": "Ihr Kommentar",
        "Your name": "Ihr Name"
      }
    }
  },
  "issue-resolution": {
    "title": "Answer to a solution",
    "action": "case_resolution",
    "fields": [],
    "filled": {},
    "words": {
      "de": {
        "Answer to a solution": "Antwort auf eine Lösung",
        "Issue": "Vorgang",
        "It is solved": "Es ist gelöst",
        "What is still wrong": "Was noch nicht stimmt"
      }
    }
  },
  "onboarding-question": {
    "title": "Question about the onboarding",
    "action": "request",
    "fields": [
      {
        "name": "step",
        "target": "step",
        "label": "Step",
        "hint": "If it is about one, as the overview calls it.",
        "kind": "text",
        "required": false,
        "maxLength": 200,
        "choices": []
      },
      {
        "name": "question",
        "target": "question",
        "label": "Your question",
        "kind": "text",
        "required": true,
        "maxLength": 4000,
        "choices": []
      }
    ],
    "filled": {
      "name": "your_name",
      "email": "email"
    },
    "words": {
      "de": {
        "Attachments": "Anhänge",
        "Company": "Unternehmen",
        "E-mail address": "E-Mail-Adresse",
        "EDI address": "EDI-Adresse",
        "If it is about one, as the overview calls it.": "Falls es um einen geht, wie ihn die Übersicht nennt.",
        "Question about the onboarding": "Frage zum Onboarding",
        "Step": "Schritt",
        "Your name": "Ihr Name",
        "Your question": "Ihre Frage"
      }
    },
    "attachments": {
      "name": "files",
      "target": "attachments",
      "label": "Attachments"
    }
  },
  "onboarding-step": {
    "title": "Onboarding step",
    "action": "step_submission",
    "fields": [
      {
        "name": "comment",
        "target": "comment",
        "label": "Remarks",
        "kind": "text",
        "required": false,
        "maxLength": 1000,
        "choices": []
      }
    ],
    "filled": {},
    "words": {
      "de": {
        "Onboarding step": "Onboarding-Schritt",
        "Remarks": "Anmerkungen",
        "Step": "Schritt"
      }
    }
  },
  "partner-question": {
    "title": "Question to the partner desk",
    "action": "request",
    "fields": [
      {
        "name": "topic",
        "target": "topic",
        "label": "What is it about?",
        "kind": "choice",
        "required": true,
        "maxLength": 1000,
        "choices": [
          "orders",
          "freight",
          "routing",
          "tax",
          "bank",
          "insurance",
          "other"
        ]
      },
      {
        "name": "question",
        "target": "question",
        "label": "Your question",
        "kind": "text",
        "required": true,
        "maxLength": 4000,
        "choices": []
      }
    ],
    "filled": {
      "name": "your_name",
      "email": "email"
    },
    "words": {
      "de": {
        "Attachments": "Anhänge",
        "Company": "Unternehmen",
        "D-U-N-S number": "D-U-N-S-Nummer",
        "E-mail address": "E-Mail-Adresse",
        "EDI address": "EDI-Adresse",
        "Question to the partner desk": "Frage an die Partnerbetreuung",
        "What is it about?": "Worum geht es?",
        "Your name": "Ihr Name",
        "Your question": "Ihre Frage",
        "bank": "Bankverbindung",
        "freight": "Fracht",
        "insurance": "Versicherung",
        "orders": "Bestellungen",
        "other": "Etwas anderes",
        "routing": "Versandwege",
        "tax": "Steuern"
      },
      "en": {
        "bank": "Bank details",
        "freight": "Freight",
        "insurance": "Insurance",
        "orders": "Orders",
        "other": "Something else",
        "routing": "Routing",
        "tax": "Tax"
      }
    },
    "attachments": {
      "name": "files",
      "target": "attachments",
      "label": "Attachments"
    }
  },
  "request-answer": {
    "title": "Answer to a question",
    "action": "request_comment",
    "fields": [],
    "filled": {
      "name": "your_name"
    },
    "words": {
      "de": {
        "Answer to a question": "Antwort auf eine Frage",
        "Request": "Anfrage",
        "Your answer": "Ihre Antwort",
        "Your name": "Ihr Name"
      }
    }
  },
  "ship-notice-problem": {
    "title": "Problem with a ship notice",
    "action": "request",
    "fields": [
      {
        "name": "poNumber",
        "target": "po_number",
        "label": "Order number",
        "kind": "text",
        "required": true,
        "maxLength": 60,
        "choices": []
      },
      {
        "name": "shipmentId",
        "target": "shipment_id",
        "label": "Shipment",
        "kind": "text",
        "required": false,
        "maxLength": 60,
        "choices": []
      },
      {
        "name": "arrivesOn",
        "target": "arrives_on",
        "label": "Arrives on",
        "kind": "date",
        "required": false,
        "maxLength": 1000,
        "choices": []
      },
      {
        "name": "alreadyShipped",
        "target": "already_shipped",
        "label": "The goods are on their way",
        "kind": "boolean",
        "required": false,
        "maxLength": 1000,
        "choices": []
      },
      {
        "name": "question",
        "target": "question",
        "label": "What happened?",
        "kind": "text",
        "required": true,
        "maxLength": 4000,
        "choices": []
      }
    ],
    "filled": {
      "name": "your_name",
      "email": "email"
    },
    "words": {
      "de": {
        "Arrives on": "Kommt an am",
        "E-mail address": "E-Mail-Adresse",
        "EDI address": "EDI-Adresse",
        "Order number": "Bestellnummer",
        "Problem with a ship notice": "Problem mit einem Lieferavis",
        "Shipment": "Sendung",
        "The goods are on their way": "Die Ware ist unterwegs",
        "What happened?": "Was ist passiert?",
        "Your name": "Ihr Name"
      }
    }
  }
};

export const ATTACHMENTS = {
  "types": [
    "pdf",
    "xlsx",
    "xls",
    "ods",
    "csv",
    "docx",
    "doc",
    "odt",
    "rtf",
    "pptx",
    "png",
    "jpg",
    "jpeg",
    "gif",
    "tif",
    "tiff",
    "heic",
    "webp",
    "msg",
    "eml",
    "cer",
    "crt",
    "pem",
    "p7b",
    "p7c",
    "p7m",
    "edi",
    "x12",
    "edifact",
    "idoc",
    "xml",
    "json",
    "txt",
    "zip"
  ],
  "most": 5,
  "mostBytes": 26214400
};
