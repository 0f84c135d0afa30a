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
      },
      "es": {
        "Connection": "Conexión",
        "Documents per day": "Documentos por día",
        "E-mail address": "Correo electrónico",
        "EDI address": "Dirección EDI",
        "EDI setup": "Configuración de EDI",
        "Onboarding": "Incorporación",
        "Qualifier and identifier of ISA or UNB, such as ZZ:PRAIRIEGOLD.": "Calificador e identificador de ISA o UNB, por ejemplo ZZ:PRAIRIEGOLD.",
        "Remarks": "Observaciones",
        "Standard": "Estándar",
        "Step": "Paso",
        "Tests can begin on": "Las pruebas pueden empezar el",
        "We send 997 or CONTRL by ourselves": "Enviamos 997 o CONTRL por nuestra cuenta",
        "Who is told when a document is not acknowledged.": "A quién se avisa cuando un documento no recibe acuse de recibo."
      },
      "fr": {
        "Connection": "Connexion",
        "Documents per day": "Documents par jour",
        "E-mail address": "Adresse de courriel",
        "EDI address": "Adresse EDI",
        "EDI setup": "Configuration de l’EDI",
        "Onboarding": "Intégration",
        "Qualifier and identifier of ISA or UNB, such as ZZ:PRAIRIEGOLD.": "Qualificatif et identifiant de l’ISA ou de l’UNB, par exemple ZZ:PRAIRIEGOLD.",
        "Remarks": "Remarques",
        "Standard": "Norme",
        "Step": "Étape",
        "Tests can begin on": "Les essais peuvent commencer le",
        "We send 997 or CONTRL by ourselves": "Nous envoyons nous-mêmes le 997 ou le CONTRL",
        "Who is told when a document is not acknowledged.": "Qui est averti quand un document reste sans accusé de réception."
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
      },
      "es": {
        "Attachments": "Archivos adjuntos",
        "Company": "Empresa",
        "Currency": "Moneda",
        "E-mail address": "Correo electrónico",
        "EDI address": "Dirección EDI",
        "Invoice number": "Número de factura",
        "Line": "Partida",
        "Order number": "Número de orden de compra",
        "Price on the invoice": "Precio en la factura",
        "Price on the order": "Precio en la orden de compra",
        "Quantity": "Cantidad",
        "Question about an invoice": "Pregunta sobre una factura",
        "Website": "Sitio web",
        "Your name": "Su nombre",
        "Your question": "Su pregunta"
      },
      "fr": {
        "Attachments": "Pièces jointes",
        "Company": "Entreprise",
        "Currency": "Devise",
        "E-mail address": "Adresse de courriel",
        "EDI address": "Adresse EDI",
        "Invoice number": "Numéro de facture",
        "Line": "Ligne",
        "Order number": "Numéro de commande",
        "Price on the invoice": "Prix sur la facture",
        "Price on the order": "Prix sur la commande",
        "Quantity": "Quantité",
        "Question about an invoice": "Question sur une facture",
        "Website": "Site Web",
        "Your name": "Votre nom",
        "Your question": "Votre question"
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
      },
      "es": {
        "Comment on an issue": "Comentario sobre un caso",
        "Issue": "Caso",
        "Your comment": "Su comentario",
        "Your name": "Su nombre"
      },
      "fr": {
        "Comment on an issue": "Commentaire sur un dossier",
        "Issue": "Dossier",
        "Your comment": "Votre commentaire",
        "Your name": "Votre nom"
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
      },
      "es": {
        "Answer to a solution": "Respuesta a una solución",
        "Issue": "Caso",
        "It is solved": "Está resuelto",
        "What is still wrong": "Qué sigue mal"
      },
      "fr": {
        "Answer to a solution": "Réponse à une solution",
        "Issue": "Dossier",
        "It is solved": "C’est résolu",
        "What is still wrong": "Ce qui ne va pas encore"
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
      },
      "es": {
        "Attachments": "Archivos adjuntos",
        "Company": "Empresa",
        "E-mail address": "Correo electrónico",
        "EDI address": "Dirección EDI",
        "If it is about one, as the overview calls it.": "Si se trata de un paso, su nombre en el resumen.",
        "Question about the onboarding": "Pregunta sobre la incorporación",
        "Step": "Paso",
        "Website": "Sitio web",
        "Your name": "Su nombre",
        "Your question": "Su pregunta"
      },
      "fr": {
        "Attachments": "Pièces jointes",
        "Company": "Entreprise",
        "E-mail address": "Adresse de courriel",
        "EDI address": "Adresse EDI",
        "If it is about one, as the overview calls it.": "S’il s’agit d’une étape, son nom dans l’aperçu.",
        "Question about the onboarding": "Question sur l’intégration",
        "Step": "Étape",
        "Website": "Site Web",
        "Your name": "Votre nom",
        "Your question": "Votre question"
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
      },
      "es": {
        "Onboarding": "Incorporación",
        "Onboarding step": "Paso de incorporación",
        "Remarks": "Observaciones",
        "Step": "Paso"
      },
      "fr": {
        "Onboarding": "Intégration",
        "Onboarding step": "Étape d’intégration",
        "Remarks": "Remarques",
        "Step": "Étape"
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
      },
      "es": {
        "Attachments": "Archivos adjuntos",
        "Company": "Empresa",
        "D-U-N-S number": "Número D-U-N-S",
        "E-mail address": "Correo electrónico",
        "EDI address": "Dirección EDI",
        "Question to the partner desk": "Pregunta a atención a socios",
        "Website": "Sitio web",
        "What is it about?": "¿De qué se trata?",
        "Your name": "Su nombre",
        "Your question": "Su pregunta",
        "bank": "Datos bancarios",
        "freight": "Flete",
        "insurance": "Seguro",
        "orders": "Órdenes de compra",
        "other": "Otra cosa",
        "routing": "Enrutamiento",
        "tax": "Impuestos"
      },
      "fr": {
        "Attachments": "Pièces jointes",
        "Company": "Entreprise",
        "D-U-N-S number": "Numéro D-U-N-S",
        "E-mail address": "Adresse de courriel",
        "EDI address": "Adresse EDI",
        "Question to the partner desk": "Question au service aux partenaires",
        "Website": "Site Web",
        "What is it about?": "De quoi s’agit-il?",
        "Your name": "Votre nom",
        "Your question": "Votre question",
        "bank": "Coordonnées bancaires",
        "freight": "Transport de marchandises",
        "insurance": "Assurance",
        "orders": "Commandes",
        "other": "Autre chose",
        "routing": "Acheminement",
        "tax": "Taxes et impôts"
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
      },
      "es": {
        "Answer to a question": "Respuesta a una pregunta",
        "Request": "Solicitud",
        "Your answer": "Su respuesta",
        "Your name": "Su nombre"
      },
      "fr": {
        "Answer to a question": "Réponse à une question",
        "Request": "Demande",
        "Your answer": "Votre réponse",
        "Your name": "Votre nom"
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
      },
      "es": {
        "Arrives on": "Llega el",
        "E-mail address": "Correo electrónico",
        "EDI address": "Dirección EDI",
        "Order number": "Número de orden de compra",
        "Problem with a ship notice": "Problema con un aviso de embarque",
        "Shipment": "Embarque",
        "The goods are on their way": "La mercancía está en camino",
        "Website": "Sitio web",
        "What happened?": "¿Qué pasó?",
        "Your name": "Su nombre"
      },
      "fr": {
        "Arrives on": "Arrive le",
        "E-mail address": "Adresse de courriel",
        "EDI address": "Adresse EDI",
        "Order number": "Numéro de commande",
        "Problem with a ship notice": "Problème avec un avis d’expédition",
        "Shipment": "Expédition",
        "The goods are on their way": "Les marchandises sont en route",
        "Website": "Site Web",
        "What happened?": "Que s’est-il passé?",
        "Your name": "Votre nom"
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
