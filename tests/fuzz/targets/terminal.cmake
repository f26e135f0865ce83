if(TARGET daicho_terminal)
  daicho_fuzz(terminal SOURCES ${CMAKE_CURRENT_LIST_DIR}/../terminal_fuzz.cc DEPS daicho_terminal)
endif()
