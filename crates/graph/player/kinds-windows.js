player.part(() => {});
