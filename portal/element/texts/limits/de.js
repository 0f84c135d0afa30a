/** What a member reads who has reached a limit, in German. */

export const de = {
  'error.too_often': 'Sie haben dies in kurzer Zeit oft getan. Bitte machen Sie später weiter.',
  'error.too_often.call': 'Sie haben in einer Minute mehr geöffnet, als das Portal einer Person zeigt. Es geht um {time} weiter.',
  'error.too_often.send':
    'Sie haben in einer Stunde {most} Anfragen, Antworten oder Dokumente gesendet, so viele wie eine Person senden kann. Sie können um {time} weitermachen.',
  'error.too_often.upload': 'Sie haben in einer Stunde {most} Dateien hochgeladen, so viele wie eine Person hochladen kann. Sie können um {time} weitermachen.',
  'error.too_often.invite': 'Sie haben in einer Stunde {most} Einladungen gesendet, so viele wie eine Person senden kann. Sie können um {time} weitermachen.',
  'error.too_often.redeem':
    'Sie haben in einer Stunde {most} Einladungscodes eingegeben, so viele wie eine Person eingeben kann. Sie können um {time} weitermachen.',
};
