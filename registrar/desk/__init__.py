"""The desk: the pages by which staff review, permit, import, look after booths and export."""
