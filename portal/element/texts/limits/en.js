/** What a member reads who has reached a limit, in English. */

export const en = {
  'error.too_often': 'You have done this often in a short time. Please go on later.',
  'error.too_often.call': 'You have opened more within a minute than the portal shows to one person. It goes on at {time}.',
  'error.too_often.send': 'You have sent {most} requests, answers or documents within an hour, the most for one person. You can go on at {time}.',
  'error.too_often.upload': 'You have uploaded {most} files within an hour, the most for one person. You can go on at {time}.',
  'error.too_often.invite': 'You have sent {most} invitations within an hour, the most for one person. You can go on at {time}.',
  'error.too_often.redeem': 'You have entered {most} invitation codes within an hour, the most for one person. You can go on at {time}.',
};
