-- Jumps once all is in mpv's cache, tells where it has arrived, and plays on from there.
local sought = false
mp.observe_property('demuxer-cache-state', 'native', function(_, state)
  if sought or not (state and state['eof-cached']) then return end
  sought = true
  mp.register_event('playback-restart', function()
    print('arrived at ' .. mp.get_property('time-pos'))
    mp.set_property_bool('pause', false)
  end)
  mp.commandv('seek', '4', 'absolute', 'exact')
end)
